using MemoryPages.Mapping;
using MemoryPages.Platform;

namespace MemoryPages.Code;

/// <summary>The memory of a heap, in one of the two ways that keep it from being writable and executable at once.</summary>
/// <remarks>Offsets and lengths are multiples of <see cref="Unit"/>. All but <see cref="At"/> are called under the heap's lock.</remarks>
internal abstract class CodeMemory(MappingHandle code, MappingHandle writer, int unit)
{
    /// <summary>Where code runs.</summary>
    public MappingHandle Code => code;

    /// <summary>Where it is written: the same, or a second mapping. Leased by whoever writes.</summary>
    public MappingHandle Writer => writer;

    /// <summary>What extents are multiples of, in bytes.</summary>
    public int Unit => unit;

    public abstract CodeMode Mode { get; }

    /// <summary>Free bytes can be written from here on, and hold no instruction that could be mistaken for code.</summary>
    public abstract SystemError Prepare(int offset, int length);

    /// <summary>What was written can be run from here on. On failure it still can be written.</summary>
    public abstract SystemError Publish(int offset, int length);

    /// <summary>Published code, which nobody runs, can be written again.</summary>
    public abstract SystemError Reopen(int offset, int length);

    /// <summary>Prepared bytes become free, whatever stands in them: nothing there can be run any more. Cannot fail.</summary>
    public abstract void Retire(int offset, int length);

    /// <summary>The memory was sealed: what it was written through goes.</summary>
    public abstract void EndWriting();

    public void Close()
    {
        writer.CloseOnceIdle();
        code.CloseOnceIdle();
    }

    /// <summary>The bytes, to write. The caller has leased <see cref="Writer"/> and holds them prepared.</summary>
    public unsafe Span<byte> At(int offset, int length) => new((byte*)writer.Address + offset, length);

    /// <summary>Fills with instructions that end the process: from here to the end nothing is code.</summary>
    public void FillWithTraps(int offset, int length)
    {
        ReadOnlySpan<byte> trap = ProcessorCode.TrapInstructions;
        Span<byte> bytes = At(offset, length);
        if (trap.Length == 1)
        {
            bytes.Fill(trap[0]);
            return;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = trap[(offset + i) % trap.Length];
        }
    }
}
