using MemoryPages.Diagnostics;

namespace MemoryPages.Platform;

/// <summary>Transparent huge pages: what came of the wish. A system that says nothing here has none.</summary>
internal abstract partial class MemorySystem
{
    /// <summary>Bytes of a range that are in huge pages now, transparent or explicit.</summary>
    public virtual SystemError CountHugeBytes(nuint address, nuint length, out nuint bytes)
    {
        bytes = 0;
        return Absent;
    }

    /// <summary>Gathers base pages into huge ones. What could not be gathered is no error: it is counted afterwards.</summary>
    public virtual SystemError Collapse(nuint address, nuint length) => Absent;

    /// <summary>How much of a range is in huge pages, and why the rest is not.</summary>
    public virtual SystemError ExplainHugePages(nuint address, nuint length, out HugePageReport? report)
    {
        report = null;
        return Absent;
    }
}
