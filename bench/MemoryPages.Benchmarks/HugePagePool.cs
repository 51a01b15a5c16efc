using System.Globalization;
using System.Runtime.InteropServices;

namespace MemoryPages.Benchmarks;

/// <summary>Huge pages of the default size, added to the system's pool and taken out again, also when the run is interrupted.</summary>
/// <remarks>
/// The same number is taken out as was put in, not an old total written back: another program may have changed the pool meanwhile.
/// </remarks>
internal sealed class HugePagePool : IDisposable
{
    private readonly string _counter;
    private readonly long _added;
    private readonly PosixSignalRegistration[] _interruptions;
    private int _drained;

    private HugePagePool(string counter, long added)
    {
        _counter = counter;
        _added = added;
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _interruptions = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, _ => Drain()))];
    }

    /// <summary>Whether this process may change the pool, and the system has memory for it. Tried, then undone.</summary>
    public static bool CanBeRaised(nuint bytes)
    {
        using HugePagePool? pool = TryRaise(bytes);
        return pool is not null;
    }

    /// <summary>Null where it cannot be had: no privilege, no huge pages, memory too fragmented.</summary>
    public static HugePagePool? TryRaise(nuint bytes)
    {
        if (PageSize.Huge.IsEmpty)
        {
            return null;
        }

        nuint pageSize = HugePages.Explicit().ExplicitSize;
        long wanted = (long)(PageSize.AlignUp(bytes, pageSize) / pageSize);
        string counter = string.Create(CultureInfo.InvariantCulture, $"/sys/kernel/mm/hugepages/hugepages-{pageSize / 1024}kB/nr_hugepages");
        try
        {
            long before = Read(counter);
            Write(counter, before + wanted);
            var pool = new HugePagePool(counter, Read(counter) - before);
            if (pool._added == wanted)
            {
                return pool;
            }

            pool.Dispose();
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Drain();
        foreach (PosixSignalRegistration interruption in _interruptions)
        {
            interruption.Dispose();
        }
    }

    private void Drain()
    {
        if (_added > 0 && Interlocked.Exchange(ref _drained, 1) == 0)
        {
            Write(_counter, Math.Max(0, Read(_counter) - _added));
        }
    }

    private static long Read(string counter) => long.Parse(File.ReadAllText(counter), CultureInfo.InvariantCulture);

    private static void Write(string counter, long pages) => File.WriteAllText(counter, pages.ToString(CultureInfo.InvariantCulture));
}
