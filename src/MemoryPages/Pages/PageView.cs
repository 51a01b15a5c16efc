using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemoryPages.Mapping;

namespace MemoryPages;

/// <summary>What <see cref="ReadView"/> and <see cref="WriteView"/> share: a lease, and checked access to the bytes that it covers.</summary>
internal readonly unsafe ref struct PageView
{
    private readonly byte* _start;
    private readonly LeaseTicket _lease;

    /// <param name="mapping">Leased already; this view ends that lease. Null where something else holds the memory.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PageView(MappingHandle? mapping, nuint address, nuint length)
    {
        _lease = mapping is null ? default : new LeaseTicket(mapping);
        _start = (byte*)address;
        Length = length;
    }

    private PageView(LeaseTicket lease, byte* start, nuint length)
    {
        _lease = lease;
        _start = start;
        Length = length;
    }

    public nuint Length { get; }

    public nuint Address => (nuint)_start;

    public Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            _lease.ThrowIfEnded();
            if (Length > int.MaxValue)
            {
                ThrowTooLong(Length);
            }

            return new Span<byte>(_start, (int)Length);
        }
    }

    public ref byte this[nuint offset]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            _lease.ThrowIfEnded();
            if (offset >= Length)
            {
                ThrowOffset(offset, Length);
            }

            return ref _start[offset];
        }
    }

    /// <summary>A part under the same lease, which is not the part's to end.</summary>
    public PageView Part(nuint offset, nuint length) => new(_lease, _start + offset, length);

    /// <summary>The lease over the whole of the pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageView Of<TProtection>(Pages<TProtection> pages)
        where TProtection : struct, IProtection
    {
        MappingHandle mapping = pages.Acquire(new PageRange(0, nuint.MaxValue));
        return new PageView(mapping, mapping.Address, mapping.Length);
    }

    /// <summary>The lease over a part.</summary>
    public static PageView Of<TProtection>(Pages<TProtection> pages, PageRange range, string parameter = "range")
        where TProtection : struct, IProtection
    {
        MappingHandle mapping = pages.Acquire(range);
        if (!range.IsWithin(mapping.Length))
        {
            mapping.Release();
            mapping.ThrowIfOutside(range, parameter);
        }

        return new PageView(mapping, mapping.Address + range.Offset, range.Length);
    }

    public Span<byte> Slice(nuint offset, int length)
    {
        _lease.ThrowIfEnded();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (offset > Length || (nuint)length > Length - offset)
        {
            ThrowOffset(offset, Length);
        }

        return new Span<byte>(_start + offset, length);
    }

    public Span<T> Elements<T>()
        where T : unmanaged
    {
        _lease.ThrowIfEnded();
        nuint count = Length / (nuint)sizeof(T);
        if (count > int.MaxValue)
        {
            ThrowTooLong(count);
        }

        if (!MemoryPages.PageSize.IsAligned((nuint)_start, Alignment<T>()))
        {
            ThrowMisaligned(typeof(T));
        }

        return new Span<T>(_start, (int)count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End() => _lease.End();

    private static nuint Alignment<T>()
        where T : unmanaged
        => (nuint)sizeof(AlignmentProbe<T>) - (nuint)sizeof(T);

    private static void ThrowTooLong(nuint length) => throw new InvalidOperationException(
        $"A span holds at most {int.MaxValue} elements and this would be {length}: take a view of a PageRange, a Slice, or index the view.");

    private static void ThrowOffset(nuint offset, nuint length) =>
        throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The offset, or what is taken there, lies outside the view's {length} bytes.");

    private static void ThrowMisaligned(Type type) =>
        throw new InvalidOperationException($"The view does not start at a multiple of the alignment of {type.Name}: begin the range elsewhere.");

    /// <summary>As long as T and its alignment together.</summary>
    [StructLayout(LayoutKind.Sequential)]
    [SuppressMessage("Minor Code Smell", "CS0649", Justification = "Only its size is asked.")]
    private struct AlignmentProbe<T>
        where T : unmanaged
    {
        public byte Before;
        public T Value;
    }
}
