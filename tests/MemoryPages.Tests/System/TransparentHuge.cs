namespace MemoryPages.Tests.Effects;

internal static class TransparentHuge
{
    private const string Switch = "/sys/kernel/mm/transparent_hugepage/enabled";

    public static void SkipUnlessAllowed() => Assert.SkipUnless(
        File.Exists(Switch) && !File.ReadAllText(Switch).Contains("[never]"),
        $"No transparent huge pages: {Switch} is missing or says never.");
}
