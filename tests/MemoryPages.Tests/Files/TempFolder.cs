using MemoryPages.Platform;

namespace MemoryPages.Tests.Files;

/// <summary>A folder that is gone afterwards with all that is in it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("memorypages-").FullName;

    /// <summary>Of a file that is not there yet.</summary>
    public string File => System.IO.Path.Combine(Path, "file");

    public static void SkipUnlessFilesShrink() => Assert.SkipUnless(
        MemorySystem.Current.FilesGrowUnderMappings, "needs files that can be made shorter while they are mapped: SetFileInformationByHandle does not do it");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
