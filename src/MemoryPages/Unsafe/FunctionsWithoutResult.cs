using System.Runtime.CompilerServices;

namespace MemoryPages.Unsafe;

/// <summary><c>Invoke</c> of a <see cref="FunctionLease{TSignature}"/> whose function returns nothing.</summary>
/// <remarks>
/// The caller's duties: see <see cref="FunctionLease.Pointer"/>. C# has no type arguments of any number: each count is written out.
/// </remarks>
public static unsafe class FunctionsWithoutResult
{
    extension(FunctionLease<Action> function)
    {
        /// <summary>Calls the function without arguments.</summary>
        public delegate* unmanaged<void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<void>)function.Pointer;
        }
    }

    extension<T1>(FunctionLease<Action<T1>> function)
        where T1 : unmanaged
    {
        /// <summary>Calls the function with one argument.</summary>
        public delegate* unmanaged<T1, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, void>)function.Pointer;
        }
    }

    extension<T1, T2>(FunctionLease<Action<T1, T2>> function)
        where T1 : unmanaged where T2 : unmanaged
    {
        /// <summary>Calls the function with 2 arguments.</summary>
        public delegate* unmanaged<T1, T2, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3>(FunctionLease<Action<T1, T2, T3>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged
    {
        /// <summary>Calls the function with 3 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4>(FunctionLease<Action<T1, T2, T3, T4>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged
    {
        /// <summary>Calls the function with 4 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5>(FunctionLease<Action<T1, T2, T3, T4, T5>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged
    {
        /// <summary>Calls the function with 5 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6>(FunctionLease<Action<T1, T2, T3, T4, T5, T6>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
    {
        /// <summary>Calls the function with 6 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7>(FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged
    {
        /// <summary>Calls the function with 7 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8>(FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged
    {
        /// <summary>Calls the function with 8 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9>(FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged
    {
        /// <summary>Calls the function with 9 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged
    {
        /// <summary>Calls the function with 10 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged
    {
        /// <summary>Calls the function with 11 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
    {
        /// <summary>Calls the function with 12 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
        FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged
    {
        /// <summary>Calls the function with 13 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
        FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where T14 : unmanaged
    {
        /// <summary>Calls the function with 14 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>(
        FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where T14 : unmanaged where T15 : unmanaged
    {
        /// <summary>Calls the function with 15 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, void>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>(
        FunctionLease<Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where T14 : unmanaged where T15 : unmanaged where T16 : unmanaged
    {
        /// <summary>Calls the function with 16 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, void> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, void>)function.Pointer;
        }
    }
}
