using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemoryPages.Tests.House;

/// <summary>The public surface of the built assembly as text: one line for each type and member, sorted, extension members under their receiver.</summary>
internal static class PublicApi
{
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.CSharpErrorMessageFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeRef
            | SymbolDisplayMemberOptions.IncludeExplicitInterface | SymbolDisplayMemberOptions.IncludeConstantValue)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeDefaultValue)
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints)
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier | SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    public static string Of(string assembly)
    {
        var reference = MetadataReference.CreateFromFile(assembly);
        IEnumerable<MetadataReference> framework = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.")).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("Surface", references: [reference, .. framework]);
        var symbol = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!;
        return string.Join('\n', Types(symbol.GlobalNamespace).SelectMany(Lines).Distinct().Order(StringComparer.Ordinal)) + "\n";
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container) => container.GetMembers().OfType<INamespaceOrTypeSymbol>()
        .SelectMany(member => member is INamedTypeSymbol type ? (IsPublic(type) ? Types(type).Prepend(type) : []) : Types(member));

    private static IEnumerable<string> Lines(INamedTypeSymbol type)
    {
        string name = type.ToDisplayString(s_format);
        if (type.IsExtension)
        {
            name = $"{type.ContainingType.ToDisplayString(s_format)}.extension({type.ExtensionParameter!.ToDisplayString(s_format)}){Constraints(type)}";
        }
        else
        {
            yield return $"{Modifiers(type)}{Kind(type)} {name}{Bases(type)}";
        }

        // What the compiler makes of extension members, beside them: shown under their receivers already.
        HashSet<ISymbol> implementations = [.. type.GetTypeMembers().Where(t => t.IsExtension).SelectMany(t => t.GetMembers()).OfType<IMethodSymbol>()
            .Select(method => (ISymbol?)method.AssociatedExtensionImplementation).OfType<ISymbol>()];
        foreach (ISymbol member in type.GetMembers().Where(IsPublic).Where(m => m is not INamedTypeSymbol && !implementations.Contains(m)))
        {
            if (member is IMethodSymbol method && (method.AssociatedSymbol is not null || IsTheCompilers(method)))
            {
                continue; // accessors are shown with their property or event
            }

            string text = member.ToDisplayString(s_format);
            string declared = type.ToDisplayString(s_format.WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters));
            yield return $"{name}: {Modifiers(member)}{text.Replace(declared + ".", "", StringComparison.Ordinal)}{Accessors(member)}";
        }
    }

    private static bool IsPublic(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    /// <summary>What every record and every structure has.</summary>
    private static bool IsTheCompilers(IMethodSymbol method) =>
        method is { MethodKind: MethodKind.Constructor, Parameters: [], ContainingType.IsValueType: true }
        || method.GetAttributes().Any(a => a.AttributeClass?.Name == "CompilerGeneratedAttribute");

    private static string Kind(INamedTypeSymbol type) => type.TypeKind switch
    {
        TypeKind.Struct => $"{(type.IsReadOnly ? "readonly " : "")}{(type.IsRefLikeType ? "ref " : "")}{(type.IsRecord ? "record " : "")}struct",
        TypeKind.Class => type.IsRecord ? "record" : "class",
        TypeKind kind => kind.ToString().ToLowerInvariant(),
    };

    private static string Modifiers(ISymbol symbol) => symbol is INamedTypeSymbol { TypeKind: not TypeKind.Class } ? "" : symbol switch
    {
        IFieldSymbol { IsConst: true } => "const ",
        { IsStatic: true } => "static ",
        { IsSealed: true } => "sealed ",
        { IsAbstract: true } => "abstract ",
        { IsOverride: true } => "override ",
        { IsVirtual: true } => "virtual ",
        _ => "",
    };

    private static string Accessors(ISymbol symbol) => symbol is not IPropertySymbol property ? "" : string.Concat(
        " {",
        property.GetMethod is { } get && IsPublic(get) ? " get;" : "",
        property.SetMethod is { } set && IsPublic(set) ? (set.IsInitOnly ? " init;" : " set;") : "",
        " }",
        property.IsRequired ? " required" : "");

    private static string Bases(INamedTypeSymbol type)
    {
        IEnumerable<INamedTypeSymbol> bases = type.TypeKind == TypeKind.Class && type.BaseType is { SpecialType: not SpecialType.System_Object } parent
            ? type.Interfaces.Prepend(parent)
            : type.Interfaces;
        string text = string.Join(", ", bases.Select(b => b.ToDisplayString(s_format)));
        return text.Length == 0 ? "" : " : " + text;
    }

    private static string Constraints(INamedTypeSymbol extension)
    {
        string text = string.Concat(extension.TypeParameters.Select(p => p.ConstraintTypes.Length == 0 && !p.HasValueTypeConstraint
            ? ""
            : $" where {p.Name} : {string.Join(", ", (p.HasValueTypeConstraint ? ["struct"] : Array.Empty<string>()).Concat(p.ConstraintTypes.Select(c => c.ToDisplayString(s_format))))}"));
        return text;
    }
}
