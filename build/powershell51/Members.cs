using System.Reflection;

namespace PowerShell51;

/// <summary>Members of types, found as PowerShell finds them: public, in any case.</summary>
internal static class Members
{
    /// <summary>Whether a method can be called with so many arguments.</summary>
    public static bool Takes(MethodBase method, int count)
    {
        var parameters = method.GetParameters();
        var required = parameters.Count(parameter => !parameter.IsOptional && !IsParamArray(parameter));
        return count >= required && (count <= parameters.Length || parameters.Any(IsParamArray));
    }

    /// <summary>Finds a member; <paramref name="next"/> is the type of its value, null where that is not known.</summary>
    public static bool Find(Type type, string name, bool isStatic, int? count, out Type? next)
    {
        if (isStatic && name.Equals("new", StringComparison.OrdinalIgnoreCase))
        {
            next = type;
            return type.IsValueType && count == 0 || type.GetConstructors().Any(constructor => Takes(constructor, count ?? 0));
        }
        var members = Holders(type).SelectMany(holder => holder.GetMembers(Binding(isStatic)))
            .Where(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Where(member => count == null || member is MethodInfo method && Takes(method, count.Value))
            .ToArray();
        var types = members.Select(ValueType).Distinct().ToArray();
        next = types.Length == 1 ? types[0] : null;
        return members.Length > 0;
    }

    private static BindingFlags Binding(bool isStatic) =>
        BindingFlags.Public | BindingFlags.FlattenHierarchy | (isStatic ? BindingFlags.Static : BindingFlags.Instance);

    private static IEnumerable<Type> Holders(Type type) => type.IsInterface ? [type, .. type.GetInterfaces()] : [type];

    private static Type? ValueType(MemberInfo member) => member switch
    {
        PropertyInfo property => property.PropertyType,
        FieldInfo field => field.FieldType,
        MethodInfo { ContainsGenericParameters: false } method => method.ReturnType,
        _ => null,
    };

    private static bool IsParamArray(ParameterInfo parameter) =>
        parameter.GetCustomAttributesData().Any(data => data.AttributeType.FullName == "System.ParamArrayAttribute");
}
