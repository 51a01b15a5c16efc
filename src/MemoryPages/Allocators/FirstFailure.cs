using System.Runtime.ExceptionServices;

namespace MemoryPages.Allocators;

/// <summary>The first exception of several steps that are all to be taken: it surfaces, the others are dropped.</summary>
internal struct FirstFailure
{
    private ExceptionDispatchInfo? _first;

    /// <summary>For an exception filter.</summary>
    /// <returns>True: the exception is caught.</returns>
    public bool Keep(Exception exception)
    {
        _first ??= ExceptionDispatchInfo.Capture(exception);
        return true;
    }

    public readonly void Throw() => _first?.Throw();
}
