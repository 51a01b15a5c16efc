namespace MemoryPages.Tests.Effects;

internal static class TransparentHuge
{
    private const string Folder = "/sys/kernel/mm/transparent_hugepage";

    private const string Switch = $"{Folder}/enabled";

    /// <summary>The word that holds: <c>always</c>, <c>madvise</c>, <c>never</c>.</summary>
    public static string Setting => SettingOf("enabled");

    public static string SettingOf(string file) => File.ReadAllText($"{Folder}/{file}").Split('[', ']')[1];

    public static void SkipUnlessAllowed() => Assert.SkipUnless(
        File.Exists(Switch) && !File.ReadAllText(Switch).Contains("[never]"),
        $"No transparent huge pages: {Switch} is missing or says never.");
}
