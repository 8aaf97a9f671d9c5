namespace PowerShell51;

/// <summary>What PowerShell's type system adds to .NET's.</summary>
internal static class Extended
{
    /// <summary>Types whose objects may have any member.</summary>
    private static readonly string[] Open =
    [
        "System.Object", "System.Management.Automation.PSObject", "System.Management.Automation.PSReference",
        "System.Collections.Hashtable", "System.Collections.IDictionary", "System.Xml.XmlDocument", "System.Void",
    ];

    private static readonly string[] OfAll = ["PSObject", "PSBase", "PSTypeNames", "PSAdapted", "PSExtended", "Count", "Length"];
    private static readonly string[] MethodsOfAll = ["Where", "ForEach", "GetType", "ToString", "Equals", "GetHashCode"];

    private static readonly string[] ProcessProperties = ["Name", "Path", "CPU"];

    /// <summary>Whether the type says nothing about its objects' members; arrays pass a member on to their elements.</summary>
    public static bool IsOpen(Type type) =>
        type.IsArray || type.IsGenericParameter || Open.Contains(type.FullName);

    public static bool IsMethodOfAll(string name) => MethodsOfAll.Contains(name, StringComparer.OrdinalIgnoreCase);

    public static bool Has(Type type, string name) =>
        OfAll.Contains(name, StringComparer.OrdinalIgnoreCase)
        || IsMethodOfAll(name)
        || (type.FullName == "System.Diagnostics.Process" && ProcessProperties.Contains(name, StringComparer.OrdinalIgnoreCase));
}
