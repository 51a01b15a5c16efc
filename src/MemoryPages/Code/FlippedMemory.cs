using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Code;

/// <summary>One mapping: pages are inaccessible while free, writable while written, executable once published.</summary>
internal sealed class FlippedMemory : CodeMemory
{
    private const PageProtection Writable = PageProtection.Read | PageProtection.Write;
    private const PageProtection Executable = PageProtection.Read | PageProtection.Execute;

    private FlippedMemory(MappingHandle code)
        : base(code, code, (int)PageSize.Base)
    {
    }

    public override CodeMode Mode => CodeMode.Flipped;

    /// <summary>Tries it on a page first: a process may be forbidden to make written pages executable.</summary>
    public static SystemError TryCreate(MappingHandle reserved, out CodeMemory? memory)
    {
        memory = new FlippedMemory(reserved);
        int page = (int)PageSize.Base;
        SystemError error = memory.Prepare(0, page);
        if (!error.Failed)
        {
            error = memory.Publish(0, page);
            memory.Retire(0, page);
        }

        return error;
    }

    public override SystemError Prepare(int offset, int length) => MemorySystem.Current.Commit(Code.Address + (nuint)offset, (nuint)length);

    public override SystemError Publish(int offset, int length) => Change(offset, length, Writable, Executable);

    public override SystemError Reopen(int offset, int length) => Change(offset, length, Executable, Writable);

    /// <summary>
    /// Where the system does not even take the pages back (it may need one more map entry for the hole) they are made inaccessible, and where it
    /// refuses that too they stay as they are until they are used again.
    /// </summary>
    public override void Retire(int offset, int length)
    {
        if (MemorySystem.Current.Decommit(Code.Address + (nuint)offset, (nuint)length).Failed)
        {
            _ = MemorySystem.Current.Protect(Code.Address + (nuint)offset, (nuint)length, PageProtection.None);
        }
    }

    public override void EndWriting()
    {
        // It is the same mapping.
    }

    private SystemError Change(int offset, int length, PageProtection from, PageProtection to) =>
        MappingHandle.ChangeProtection(Code.Address + (nuint)offset, (nuint)length, from, to);
}
