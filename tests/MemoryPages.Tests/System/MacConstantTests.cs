using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using MemoryPages.Platform.MacOS.Native;

namespace MemoryPages.Tests.Effects;

/// <summary>
/// The numbers of the macOS floor, which is not run here. Each stands in a table that a script has read out of the kernel's sources
/// (eng/macos/read-constants), and that another compares with a Mac's headers.
/// </summary>
public sealed class MacConstantTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<string, long> s_table = File.ReadLines(Path.Combine(Snippet.RepositoryRoot, "eng", "macos", "constants.tsv"))
        .Where(line => line[0] != '#').Select(line => line.Split('\t'))
        .ToDictionary(fields => fields[0], fields => long.Parse(fields[1], CultureInfo.InvariantCulture));

    private static readonly Type[] s_families =
        [.. typeof(Pages).Assembly.GetTypes().Where(type => type.Namespace == typeof(Errno).Namespace && !type.IsNested)];

    /// <summary>What each structure, and each of its fields, is in C.</summary>
    private static readonly (Type Type, string Name, (string Field, string Member)[] Fields)[] s_structures =
    [
        (typeof(MachCalls.RegionFacts), "struct vm_region_submap_short_info_64",
        [
            ("Protection", "protection"), ("Inheritance", "inheritance"), ("ExternalPager", "external_pager"), ("ShareMode", "share_mode"),
            ("Behavior", "behavior"), ("UserWiredCount", "user_wired_count"),
        ]),
        (typeof(MachCalls.RegionDetails), "struct vm_region_submap_info_64",
        [
            ("Protection", "protection"), ("PagesResident", "pages_resident"), ("ExternalPager", "external_pager"), ("ShareMode", "share_mode"),
            ("UserWiredCount", "user_wired_count"), ("PagesReusable", "pages_reusable"),
        ]),
        (typeof(FileCalls.Status), "struct stat", [("Mode", "st_mode"), ("Size", "st_size")]),
        (typeof(FileCalls.Store), "fstore_t",
        [
            ("Flags", "fst_flags"), ("PositionMode", "fst_posmode"), ("Offset", "fst_offset"), ("Length", "fst_length"),
            ("Allocated", "fst_bytesalloc"),
        ]),
        (typeof(FileCalls.Hole), "fpunchhole_t", [("Flags", "fp_flags"), ("Reserved", "reserved"), ("Offset", "fp_offset"), ("Length", "fp_length")]),
        (typeof(FileCalls.Limit), "struct rlimit", [("Soft", "rlim_cur"), ("Hard", "rlim_max")]),
    ];

    /// <summary>Calls that C declares with three dots, and how many of their parameters stand before these.</summary>
    private static readonly Dictionary<string, int> s_variadic =
        new() { ["open"] = 2, ["openat"] = 3, ["fcntl"] = 2, ["ioctl"] = 2, ["shm_open"] = 2, ["sem_open"] = 2 };

    /// <summary>Both ways: no constant without its line in the sources, no line that nothing uses.</summary>
    [Fact]
    public void Each_constant_is_the_one_of_its_header()
    {
        Dictionary<string, long> floor = s_families.SelectMany(family => family.GetFields(Own)).Where(field => field.IsStatic && IsNative(field.Name))
            .ToDictionary(field => field.Name, field => field.IsLiteral
                ? Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)
                : (long)(nuint)field.GetValue(null)!);
        Assert.Equal(s_table.Where(row => IsNative(row.Key)).OrderBy(row => row.Key), floor.OrderBy(constant => constant.Key));
        Assert.True(floor.Count > 90);
    }

    [Fact]
    public void Each_structure_has_the_length_and_the_places_of_its_header()
    {
        var floor = new Dictionary<string, long>();
        foreach ((Type type, string name, (string Field, string Member)[] fields) in s_structures)
        {
            Assert.Equal(type.GetFields(Own).Select(field => field.Name).Order(), fields.Select(field => field.Field).Order());
            floor.Add($"sizeof({name})", Marshal.SizeOf(type));
            foreach ((string field, string member) in fields)
            {
                floor.Add($"offsetof({name}, {member})", Marshal.OffsetOf(type, field));
            }
        }

        Assert.Equal(s_table.Where(row => !IsNative(row.Key)).OrderBy(row => row.Key), floor.OrderBy(fact => fact.Key));
        Assert.Equal(
            s_families.SelectMany(family => family.GetNestedTypes(Own)).Where(type => type.IsValueType && !type.Name.Contains('<'))
                .Select(type => type.Name).Order(),
            s_structures.Select(structure => structure.Type.Name).Order());
    }

    /// <summary>
    /// On Apple's arm64 such a call takes what stands for the dots from the stack, where the ninth argument is the first; in slots of eight bytes.
    /// </summary>
    [Fact]
    public void What_stands_for_three_dots_goes_by_the_stack_on_arm64()
    {
        (string Call, MethodInfo Method)[] imported =
        [
            .. s_families.SelectMany(family => family.GetMethods(Own)).Select(method => (Call: NameOf(method), method))
                .Where(import => import.Call is not null)!,
        ];
        Assert.True(imported.Length > 30);
        (string Call, MethodInfo Method)[] dotted =
        [
            .. imported.Where(import => s_variadic.TryGetValue(import.Call, out int named) && import.Method.GetParameters().Length > named),
        ];
        Assert.Equal(["fcntl", "shm_open"], dotted.Select(import => import.Call).Distinct().Order());
        foreach (IGrouping<string, (string Call, MethodInfo Method)> call in dotted.GroupBy(import => import.Call))
        {
            int named = s_variadic[call.Key];
            MethodInfo onArm64 = Assert.Single(call, import => import.Method.Name.EndsWith("OnArm64", StringComparison.Ordinal)).Method;
            MethodInfo onX64 = Assert.Single(call, import => import.Method.Name.EndsWith("OnX64", StringComparison.Ordinal)).Method;
            Assert.Equal(2, call.Count());
            Type[] types = [.. onArm64.GetParameters().Select(parameter => parameter.ParameterType)];
            Assert.Equal(9, types.Length);
            Assert.All(types[named..], type => Assert.Equal(typeof(nint), type));
            Assert.Equal([.. types[..named], typeof(nint)], onX64.GetParameters().Select(parameter => parameter.ParameterType));
        }
    }

    [Fact]
    public void Each_error_has_its_symbol()
    {
        foreach (FieldInfo field in typeof(Errno).GetFields(Own).Where(field => field.IsLiteral))
        {
            Assert.Equal(field.Name, Errno.Symbol((int)field.GetRawConstantValue()!));
        }

        Assert.Equal("errno", Errno.Symbol(-1));
    }

    private static bool IsNative(string name) => name.All(c => char.IsUpper(c) || char.IsDigit(c) || c == '_');

    /// <summary>
    /// Of the call that a method imports; null for others. The generator leaves the attribute on its half, or puts the system's on it.
    /// </summary>
    private static string? NameOf(MethodInfo method) =>
        method.GetCustomAttribute<LibraryImportAttribute>() is { } import
            ? import.EntryPoint ?? method.Name
            : method.GetCustomAttribute<DllImportAttribute>()?.EntryPoint;
}
