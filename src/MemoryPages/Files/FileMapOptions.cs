namespace MemoryPages;

/// <summary>Wishes for mapping a file. <c>default</c> maps all of it.</summary>
public readonly record struct FileMapOptions
{
    /// <summary>Bytes into the file where the pages begin; need not be aligned.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes to map; null for all from <see cref="Offset"/> to the end of the file.</summary>
    public nuint? Length { get; init; }

    /// <summary>Read the whole part into memory before the call returns; if that fails, so does the call.</summary>
    public bool Populate { get; init; }
}
