using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MemoryPages.Allocators;

/// <summary>
/// Runs the Dispose of a value where it stands. C# calls it there only if the type is known to have one, which generic code cannot ask of a type.
/// </summary>
internal static class Cleanup<T>
    where T : unmanaged
{
    private static readonly CleanupAction<T>? s_inPlace = IsNeeded ? FindDispose() : null;

    /// <summary>Whether the type has a Dispose: constant for the JIT.</summary>
    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(IDisposable).IsAssignableFrom(typeof(T));
    }

    public static void Run(ref T value)
    {
        if (s_inPlace is { } inPlace)
        {
            inPlace(ref value);
        }
        else
        {
            RunOnCopy(value);
        }
    }

    /// <summary>Of a value that has no place to be because something else failed: that failure is the first, and surfaces.</summary>
    public static void RunAfterFailure(ref T value)
    {
        if (!IsNeeded)
        {
            return;
        }

        var second = default(FirstFailure);
        try
        {
            Run(ref value);
        }
        catch (Exception e) when (second.Keep(e))
        {
        }
    }

    /// <summary>All, in order, also if some fail: the first exception surfaces.</summary>
    public static unsafe void RunAll(T* values, nuint count)
    {
        var failure = default(FirstFailure);
        for (nuint i = 0; i < count; i++)
        {
            try
            {
                Run(ref values[i]);
            }
            catch (Exception e) when (failure.Keep(e))
            {
            }
        }

        failure.Throw();
    }

    /// <summary>
    /// Where methods cannot be found at run time. Nothing that the value does to itself counts any more, so that a copy does as well.
    /// </summary>
    internal static void RunOnCopy(T value) => ((IDisposable)value).Dispose();

    [UnconditionalSuppressMessage(
        "Trimming", "IL2090", Justification = "What implements an interface of a struct is kept; what is not found is called on a copy.")]
    private static CleanupAction<T>? FindDispose()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            return null; // ahead of time compiled: its methods may be there without being found
        }

        MethodInfo dispose = typeof(T).GetInterfaceMap(typeof(IDisposable)).TargetMethods[0];
        return dispose.DeclaringType == typeof(T) ? dispose.CreateDelegate<CleanupAction<T>>() : null;
    }
}

/// <summary>A struct's own Dispose, open: its <c>this</c> is the argument.</summary>
internal delegate void CleanupAction<T>(ref T value)
    where T : unmanaged;
