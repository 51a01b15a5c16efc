using System.Reflection;

namespace MemoryPages.Tests.Failures;

/// <summary>
/// The public members that are called on pages, by reflection: tests that go through all of them keep lists by hand, since views cannot be made by
/// reflection, and check here that the list is whole.
/// </summary>
internal static class PublicMembers
{
    /// <summary>A readable key for each, such as <c>PagesAccess.Read(Pages&lt;TProtection&gt;, PageRange)</c>, and its method.</summary>
    public static Dictionary<string, MethodInfo> OfPages { get; } = FindAll().ToDictionary(KeyOf);

    private static IEnumerable<MethodInfo> FindAll()
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.DeclaredOnly;
        IEnumerable<MethodInfo> instance = typeof(Pages<>).GetMethods(Own | BindingFlags.Instance);

        // The compiler makes a static method of each extension member.
        IEnumerable<MethodInfo> extensions = typeof(Pages<>).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.IsSealed && !type.IsNested)
            .SelectMany(type => type.GetMethods(Own | BindingFlags.Static))
            .Where(method => method.GetParameters() is [{ ParameterType: { IsGenericType: true } first }, ..] && first.GetGenericTypeDefinition() == typeof(Pages<>));
        return instance.Concat(extensions);
    }

    private static string KeyOf(MethodInfo method) =>
        $"{NameOf(method.DeclaringType!)}.{method.Name}({string.Join(", ", method.GetParameters().Select(p => NameOf(p.ParameterType)))})";

    private static string NameOf(Type type) => type switch
    {
        { IsByRef: true } => NameOf(type.GetElementType()!),
        { IsGenericType: true } => $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>",
        _ => type.Name,
    };
}
