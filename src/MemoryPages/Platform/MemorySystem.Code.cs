namespace MemoryPages.Platform;

/// <content>Memory that holds code.</content>
internal abstract partial class MemorySystem
{
    /// <summary>Whether <see cref="Seal"/> does what it says on the running system: asked of it once.</summary>
    public abstract bool SealingSupported { get; }

    /// <summary>Whether code is rather mapped twice than flipped where nobody says how.</summary>
    public virtual bool PrefersDualMappedCode => false;

    /// <summary>
    /// Puts zeroed memory in place of reserved addresses, to be read and run, and the same memory at another address, to be read and written. No page
    /// of it can be written and run. Nothing is charged before a page is touched: populate first. On failure the reservation may have lost its pages'
    /// protection, and is to be given back.
    /// </summary>
    public abstract SystemError MapDual(nuint reserved, nuint length, string? name, out MappedRange writable);

    /// <summary>
    /// Fixes mapping and protection of a range for the life of the process: nobody can change or unmap it again. Nothing undoes it.
    /// </summary>
    public abstract SystemError Seal(nuint address, nuint length);

    /// <summary>The free addresses nearest to one, however far: null where there are none of that length. A snapshot.</summary>
    public abstract nuint? NearestGap(in ReserveRequest request);
}
