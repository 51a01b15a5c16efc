namespace MemoryPages.Benchmarks;

/// <summary>What is said of files: all on one of 1 GiB, warm where nothing else is said.</summary>
internal static class FileClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new("1 GiB file summed, mapped already, beside the same in an array", "FileScanning.PagesAgain", "FileScanning.ArrayAgain", 1 / 0.97)
        {
            InTurns = static () => ScanningInTurns(scanning => () => scanning.PagesAgain(), scanning => () => scanning.ArrayAgain()),
        },
        new("mapped, summed, unmapped, beside RandomAccess.Read with its best buffer",
            "FileScanning.PagesFirstPass", "FileScanning.RandomAccessRead", 1 / 1.2)
        {
            InTurns = static () => ScanningInTurns(scanning => () => scanning.PagesFirstPass(), scanning => () => scanning.RandomAccessRead()),
        },
        new("the same in windows, of a file that the system keeps page by page",
            "FileScanningPageByPage.PagesScan", "FileScanningPageByPage.RandomAccessRead", 1 / 1.2)
        {
            InTurns = static () => ScanningInTurns(
                scanning => () => scanning.PagesScan(), scanning => () => scanning.RandomAccessRead(), new FileScanningPageByPage()),
            Obstacle = static () => Environment.ProcessorCount > 1 ? null : "there is one processor only",
        },
        new("summed once more, beside RandomAccess.Read with its best buffer", "FileScanning.PagesAgain", "FileScanning.RandomAccessRead", 1 / 1.3),
        new("64 MiB summed, beside MemoryMappedViewAccessor.ReadInt64", "FileValues.PagesInOrder", "FileValues.AccessorInOrder", 1 / 20.0),
        new("8 bytes at a random place, beside FileStream's seek and read", "FileValues.PagesAtRandom", "FileValues.StreamAtRandom", 1 / 50.0),
        new("64 MiB of an open file mapped and unmapped, beside the raw calls", "FileMapping.PagesMap", "FileMapping.RawCalls", 1.1)
        {
            InTurns = static () => MappingInTurns(mapping => mapping.PagesMap, mapping => mapping.RawCalls),
        },
        new("the same, beside MemoryMappedFile", "FileMapping.PagesMap", "FileMapping.MemoryMappedFileHandle", 0.9)
        {
            InTurns = static () => MappingInTurns(mapping => mapping.PagesMap, mapping => mapping.MemoryMappedFileHandle),
        },
        new("64 MiB opened, mapped and unmapped, beside the raw calls", "FileMapping.PagesMapPath", "FileMapping.RawCallsPath", 1.1)
        {
            InTurns = static () => MappingInTurns(mapping => mapping.PagesMapPath, mapping => mapping.RawCallsPath),
        },
        new("the same, beside MemoryMappedFile to read", "FileMapping.PagesMapPath", "FileMapping.MemoryMappedFilePath", 0.85)
        {
            InTurns = static () => MappingInTurns(mapping => mapping.PagesMapPath, mapping => mapping.MemoryMappedFilePath),
        },
        new("1 GiB opened, mapped to write and unmapped, beside MemoryMappedFile",
            "FileMapping.PagesMapShared", "FileMapping.MemoryMappedFileDefault", 0.5)
        {
            InTurns = static () => MappingInTurns(mapping => mapping.PagesMapShared, mapping => mapping.MemoryMappedFileDefault),
        },
        new("1 GiB summed from the disk, beside dd", "ColdFile.PagesPlain", "ColdFile.DiskDump", 1.05)
        {
            InTurns = static () => PairedMeasurement.RatioOfParts(ColdFile.Parts, ColdFile.ScanPart, ColdFile.DumpPart),
            Obstacle = BenchmarkFile.ColdObstacle,
        },
    ];

    private static double ScanningInTurns(
        Func<FileScanning, Action> numerator, Func<FileScanning, Action> denominator, FileScanning? scanning = null)
    {
        scanning ??= new FileScanning();
        scanning.Setup();
        double ratio = PairedMeasurement.RatioOfLong(numerator(scanning), denominator(scanning));
        scanning.Cleanup();
        return ratio;
    }

    private static double MappingInTurns(Func<FileMapping, Action> numerator, Func<FileMapping, Action> denominator)
    {
        var mapping = new FileMapping();
        mapping.Setup();
        double ratio = PairedMeasurement.Ratio(numerator(mapping), denominator(mapping));
        mapping.Cleanup();
        return ratio;
    }
}
