using MemoryPages.Allocators;
using MemoryPages.Ownership;

namespace MemoryPages;

public static partial class Box
{
    /// <summary>
    /// Disposes two, in order, each of them also if one before it throws: the first exception surfaces. For the Dispose of a struct that holds
    /// boxes.
    /// </summary>
    /// <typeparam name="TFirst">A box, or another struct with a Dispose.</typeparam>
    /// <typeparam name="TSecond">A box, or another struct with a Dispose.</typeparam>
    /// <param name="first">Disposed first.</param>
    /// <param name="second">Disposed second.</param>
    public static void DisposeAll<[MoveOnly] TFirst, [MoveOnly] TSecond>(ref TFirst first, ref TSecond second)
        where TFirst : struct, IDisposable
        where TSecond : struct, IDisposable
    {
        var failure = default(FirstFailure);
        Dispose(ref first, ref failure);
        Dispose(ref second, ref failure);
        failure.Throw();
    }

    /// <summary>
    /// Disposes three, in order, each of them also if one before it throws: the first exception surfaces. For the Dispose of a struct that holds
    /// boxes.
    /// </summary>
    /// <typeparam name="TFirst">A box, or another struct with a Dispose.</typeparam>
    /// <typeparam name="TSecond">A box, or another struct with a Dispose.</typeparam>
    /// <typeparam name="TThird">A box, or another struct with a Dispose.</typeparam>
    /// <param name="first">Disposed first.</param>
    /// <param name="second">Disposed second.</param>
    /// <param name="third">Disposed third.</param>
    public static void DisposeAll<[MoveOnly] TFirst, [MoveOnly] TSecond, [MoveOnly] TThird>(ref TFirst first, ref TSecond second, ref TThird third)
        where TFirst : struct, IDisposable
        where TSecond : struct, IDisposable
        where TThird : struct, IDisposable
    {
        var failure = default(FirstFailure);
        Dispose(ref first, ref failure);
        Dispose(ref second, ref failure);
        Dispose(ref third, ref failure);
        failure.Throw();
    }

    /// <summary>
    /// Disposes four, in order, each of them also if one before it throws: the first exception surfaces. For the Dispose of a struct that holds
    /// boxes.
    /// </summary>
    /// <typeparam name="TFirst">A box, or another struct with a Dispose.</typeparam>
    /// <typeparam name="TSecond">A box, or another struct with a Dispose.</typeparam>
    /// <typeparam name="TThird">A box, or another struct with a Dispose.</typeparam>
    /// <typeparam name="TFourth">A box, or another struct with a Dispose.</typeparam>
    /// <param name="first">Disposed first.</param>
    /// <param name="second">Disposed second.</param>
    /// <param name="third">Disposed third.</param>
    /// <param name="fourth">Disposed fourth.</param>
    public static void DisposeAll<[MoveOnly] TFirst, [MoveOnly] TSecond, [MoveOnly] TThird, [MoveOnly] TFourth>(
        ref TFirst first, ref TSecond second, ref TThird third, ref TFourth fourth)
        where TFirst : struct, IDisposable
        where TSecond : struct, IDisposable
        where TThird : struct, IDisposable
        where TFourth : struct, IDisposable
    {
        var failure = default(FirstFailure);
        Dispose(ref first, ref failure);
        Dispose(ref second, ref failure);
        Dispose(ref third, ref failure);
        Dispose(ref fourth, ref failure);
        failure.Throw();
    }

    private static void Dispose<[MoveOnly] T>(ref T value, ref FirstFailure failure)
        where T : struct, IDisposable
    {
        try
        {
            value.Dispose();
        }
        catch (Exception e) when (failure.Keep(e))
        {
        }
    }
}
