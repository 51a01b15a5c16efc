using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Code;

/// <summary>
/// Two mappings of one memory. Every byte that is no code is a trap: what was never written, what was freed, what is between functions.
/// </summary>
/// <remarks>
/// Memory is made present in growing steps, ahead of its use: a system without memory says so then, where at the first touch it would end the
/// process.
/// </remarks>
internal sealed class DualMappedMemory : CodeMemory
{
    private const int SmallestStep = 1 << 16;
    private const int LargestStep = 1 << 21;

    private int _present;

    private DualMappedMemory(MappingHandle code, MappingHandle writer, int unit)
        : base(code, writer, unit)
    {
    }

    public override CodeMode Mode => CodeMode.DualMapped;

    public static SystemError TryCreate(MappingHandle reserved, int unit, out CodeMemory? memory)
    {
        SystemError error = reserved.MapDual(out MappingHandle? writer);
        memory = error.Failed ? null : new DualMappedMemory(reserved, writer!, unit);
        return error;
    }

    public override SystemError Prepare(int offset, int length)
    {
        int needed = offset + length;
        if (needed <= _present)
        {
            return SystemError.None;
        }

        nuint step = (nuint)Math.Clamp(_present, SmallestStep, LargestStep);
        nuint target = Math.Min(PageSize.AlignUp(Math.Max((nuint)needed, (nuint)_present + step), PageSize.Base), Code.Length);
        SystemError error = MakePresent(target);
        if (error.Failed)
        {
            // What growing ahead would want is not to be had; what is needed may be.
            error = MakePresent(PageSize.AlignUp((nuint)needed, PageSize.Base));
        }

        return error;
    }

    public override SystemError Publish(int offset, int length)
    {
        MemorySystem.Current.PublishCode(Code.Address + (nuint)offset, (nuint)length);
        return SystemError.None;
    }

    public override SystemError Reopen(int offset, int length) => SystemError.None;

    public override void Retire(int offset, int length)
    {
        FillWithTraps(offset, length);
        MemorySystem.Current.PublishCode(Code.Address + (nuint)offset, (nuint)length);
    }

    public override void EndWriting() => Writer.CloseOnceIdle();

    private SystemError MakePresent(nuint target)
    {
        MemorySystem system = MemorySystem.Current;
        nuint start = (nuint)_present;
        SystemError error = system.Populate(Writer.Address + start, target - start, PageSize.Base, forWriting: true);
        if (!error.Failed)
        {
            FillWithTraps(_present, (int)(target - start));

            // A wish: else the first run takes page faults.
            _ = system.Populate(Code.Address + start, target - start, PageSize.Base, forWriting: false);
            _present = (int)target;
        }

        return error;
    }
}
