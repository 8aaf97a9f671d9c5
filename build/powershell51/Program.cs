// Reads .NET names as names.ts writes them, one a line, from standard input, and resolves each against the reference assemblies
// of .NET Framework 4.7.2 and of PowerShell 5.1. Writes one JSON object: the sources, and the names that do not exist with the reason.
using System.Reflection;
using System.Text.Json;
using PowerShell51;

var metadata = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
    .ToDictionary(attribute => attribute.Key, attribute => attribute.Value ?? "");
var library = new Library(metadata["FrameworkFolder"], metadata["PowerShellFolder"]);

var missing = new SortedDictionary<string, string>(StringComparer.Ordinal);
while (Console.In.ReadLine() is { } name)
{
    if (library.WhyMissing(name) is { } reason)
    {
        missing[name] = reason;
    }
}
Console.Out.WriteLine(JsonSerializer.Serialize(new { sources = metadata["Sources"], missing }));
