using MemoryPages.Platform;

namespace MemoryPages.Mapping;

/// <summary>What memory for code needs beyond other memory: a second address to write it at, and an end of all changes.</summary>
internal sealed partial class MappingHandle
{
    private volatile bool _isSealed;
    private volatile bool _isMeantToStay;

    /// <summary>Makes the whole of a reservation memory to run, and the same memory writable at another address, with an owner of its own.</summary>
    /// <remarks>Who loses this mapping loses that one too: the leak is reported once.</remarks>
    public SystemError MapDual(out MappingHandle? writable)
    {
        writable = null;
        MemorySystem system = MemorySystem.Current;
        SystemError error = system.MapDual(MappedAddress, MappedLength, Name, out MappedRange range);
        if (!error.Failed)
        {
            writable = Own(range, 0, Length, MappedLength, PageSize, system.PageSize, Backing.SharedFile, Name);
            writable._isMeantToStay = true;
        }

        return error;
    }

    /// <summary>
    /// Fixes mapping and protection for the life of the process. The end of the owner unmaps nothing then, and losing it is no leak.
    /// </summary>
    public SystemError Seal()
    {
        SystemError error = MappedLength == 0 ? SystemError.None : MemorySystem.Current.Seal(MappedAddress, MappedLength);
        if (!error.Failed)
        {
            _isSealed = true;
            _isMeantToStay = true;
        }

        return error;
    }
}
