using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace PowerShell51;

/// <summary>The types that Windows PowerShell 5.1 has at hand, from reference assemblies.</summary>
internal sealed partial class Library
{
    /// <summary>What Windows PowerShell loads at its start; only these are searched for a method of an unknown type.</summary>
    private static readonly string[] Common =
        ["mscorlib", "System", "System.Core", "System.Management.Automation", "System.Security", "System.Xml", "System.Numerics"];

    private readonly ILookup<string, Type> types;
    private readonly ILookup<string, MethodInfo> commonMethods;

    public Library(string frameworkFolder, string powerShellFolder)
    {
        string[] files =
        [
            .. Directory.GetFiles(frameworkFolder, "*.dll"),
            .. Directory.GetFiles(Path.Combine(frameworkFolder, "Facades"), "*.dll"),
            .. Directory.GetFiles(powerShellFolder, "*.dll"),
        ];
        var context = new MetadataLoadContext(new PathAssemblyResolver(files), "mscorlib");
        var exported = files.Where(IsAssembly).Select(context.LoadFromAssemblyPath)
            .SelectMany(assembly => assembly.GetExportedTypes())
            .ToArray();
        types = exported.ToLookup(type => type.FullName ?? type.Name, StringComparer.OrdinalIgnoreCase);
        commonMethods = exported
            .Where(type => Common.Contains(type.Assembly.GetName().Name))
            .SelectMany(type => type.GetMethods())
            .ToLookup(method => method.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Null if the name exists, else what is wrong with it.</summary>
    public string? WhyMissing(string name)
    {
        var (typeName, chain) = Split(name);
        var steps = StepPattern().Matches(chain);
        if (typeName == null)
        {
            return WhyMissing((Type?)null, steps, 0);
        }
        return Find(typeName) is { } type ? WhyMissing(type, steps, 0) : $"there is no type {typeName}";
    }

    /// <summary><c>[T].A(1)</c> as T and <c>.A(1)</c>; <c>*.A(1)</c> as null and <c>.A(1)</c>. T may hold brackets itself.</summary>
    private static (string? Type, string Chain) Split(string name)
    {
        if (name.StartsWith('*'))
        {
            return (null, name[1..]);
        }
        var depth = 0;
        for (var i = 0; i < name.Length; i++)
        {
            depth += name[i] == '[' ? 1 : name[i] == ']' ? -1 : 0;
            if (depth == 0)
            {
                return (name[1..i], name[(i + 1)..]);
            }
        }
        throw new FormatException($"not a name: {name}");
    }

    private string? WhyMissing(Type? type, MatchCollection steps, int index)
    {
        if (index == steps.Count)
        {
            return null;
        }
        var member = steps[index].Groups["name"].Value;
        var isStatic = steps[index].Groups["operator"].Value == "::";
        int? count = steps[index].Groups["count"] is { Success: true } found ? int.Parse(found.Value) : null;
        if (type == null || Extended.IsOpen(type))
        {
            return count is { } arguments && !Extended.IsMethodOfAll(member) && !commonMethods[member].Any(method => Members.Takes(method, arguments))
                ? $"no type has a method {member} that takes {arguments} arguments"
                : WhyMissing((Type?)null, steps, index + 1);
        }
        if (!isStatic && Extended.Has(type, member))
        {
            return WhyMissing((Type?)null, steps, index + 1);
        }
        return Members.Find(type, member, isStatic, count, out var next)
            ? WhyMissing(next, steps, index + 1)
            : $"{type} has no {(isStatic ? "static " : "")}{(count == null ? "member" : "method")} {member}"
                + (count == null ? "" : $" that takes {count} arguments");
    }

    /// <summary>A type by the name that a script gives it, as PowerShell looks it up.</summary>
    private Type? Find(string name)
    {
        if (name.EndsWith("[]"))
        {
            return Find(name[..^2])?.MakeArrayType();
        }
        if (name.IndexOf('[') is var open and > 0)
        {
            var arguments = SplitArguments(name[(open + 1)..^1]).Select(Find).ToArray();
            var generic = FindPlain($"{name[..open]}`{arguments.Length}");
            return arguments.Contains(null) ? null : generic?.MakeGenericType(arguments!);
        }
        return FindPlain(name);
    }

    private static IEnumerable<string> SplitArguments(string list)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < list.Length; i++)
        {
            depth += list[i] == '[' ? 1 : list[i] == ']' ? -1 : 0;
            if (list[i] == ',' && depth == 0)
            {
                yield return list[start..i];
                start = i + 1;
            }
        }
        yield return list[start..];
    }

    private Type? FindPlain(string name)
    {
        string[] candidates = [name, $"System.{name}", $"{name}Attribute", $"System.{name}Attribute"];
        return candidates.SelectMany(candidate => types[candidate]).FirstOrDefault();
    }

    /// <summary>Some of the framework's files are native libraries or modules without an assembly.</summary>
    private static bool IsAssembly(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        return reader.HasMetadata && reader.GetMetadataReader().IsAssembly;
    }

    [GeneratedRegex(@"(?<operator>::|\.)(?<name>\w+)(\((?<count>\d+)\))?")]
    private static partial Regex StepPattern();
}
