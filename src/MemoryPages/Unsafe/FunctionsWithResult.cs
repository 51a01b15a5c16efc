using System.Runtime.CompilerServices;

namespace MemoryPages.Unsafe;

/// <summary><c>Invoke</c> of a <see cref="FunctionLease{TSignature}"/> whose function returns something.</summary>
/// <remarks>
/// The caller's duties: see <see cref="FunctionLease.Pointer"/>. C# has no type arguments of any number: each count is written out.
/// </remarks>
public static unsafe class FunctionsWithResult
{
    extension<TResult>(FunctionLease<Func<TResult>> function)
        where TResult : unmanaged
    {
        /// <summary>Calls the function without arguments.</summary>
        public delegate* unmanaged<TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<TResult>)function.Pointer;
        }
    }

    extension<T1, TResult>(FunctionLease<Func<T1, TResult>> function)
        where T1 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with one argument.</summary>
        public delegate* unmanaged<T1, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, TResult>(FunctionLease<Func<T1, T2, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 2 arguments.</summary>
        public delegate* unmanaged<T1, T2, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, TResult>(FunctionLease<Func<T1, T2, T3, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 3 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, TResult>(FunctionLease<Func<T1, T2, T3, T4, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 4 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, TResult>(FunctionLease<Func<T1, T2, T3, T4, T5, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 5 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, TResult>(FunctionLease<Func<T1, T2, T3, T4, T5, T6, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where TResult : unmanaged
    {
        /// <summary>Calls the function with 6 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, TResult>(FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 7 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, TResult>(FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 8 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>(FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 9 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 10 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 11 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where TResult : unmanaged
    {
        /// <summary>Calls the function with 12 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 13 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where T14 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 14 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where T14 : unmanaged where T15 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 15 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, TResult>)function.Pointer;
        }
    }

    extension<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, TResult>(
        FunctionLease<Func<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, TResult>> function)
        where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged
        where T7 : unmanaged where T8 : unmanaged where T9 : unmanaged where T10 : unmanaged where T11 : unmanaged where T12 : unmanaged
        where T13 : unmanaged where T14 : unmanaged where T15 : unmanaged where T16 : unmanaged where TResult : unmanaged
    {
        /// <summary>Calls the function with 16 arguments.</summary>
        public delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, TResult> Invoke
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (delegate* unmanaged<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, TResult>)function.Pointer;
        }
    }
}
