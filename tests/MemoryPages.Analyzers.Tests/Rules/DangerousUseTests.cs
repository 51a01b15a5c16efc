namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1008: what the caller vouches for stands in unsafe code, and is not kept.</summary>
public sealed class DangerousUseTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(ConcurrentVirtualList<int> l) { [|l.DangerousAdd(out _)|] = 1; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(ConcurrentVirtualList<int> l) { ref int x = ref [|l.DangerousAdd(out _)|]; x = 1; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static int M(ConcurrentVirtualList<int> l) => [|l.DangerousAdd(out _)|]; }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(Pages<ReadWrite> p) { [|p.DangerousAdvise(UncheckedAdvice.DontNeed)|]; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(Pages<ReadWrite> p) { unsafe { s_a = (nint)[|p.DangerousPointer()|]; } } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(Pages<ReadWrite> p) { unsafe { s_p = [|p.DangerousPointer()|]; } } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static unsafe void M(Pages<ReadWrite> p) { s_p = [|p.DangerousPointer()|] + 1; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static unsafe void M(Pages<ReadWrite> p) => s_p = [|p.DangerousPointer()|]; }
        """,
        """
        unsafe class C { byte* _p; void M(Pages<ReadWrite> p) { _p = [|p.DangerousPointer()|]; } }
        """,
        """
        unsafe class C { static Pages<ReadWrite> s_x = null!; static byte* s_p = [|s_x.DangerousPointer()|]; }
        """,
        """
        unsafe class C { byte* P { get; set; } void M(Pages<ReadWrite> p) { P = [|p.DangerousPointer()|]; } }
        """,
        """
        class C { void M(ConcurrentVirtualList<int> l) { void F() { [|l.DangerousAdd(out _)|] = 1; } F(); } }
        """,
        """
        class C { void M(ConcurrentVirtualList<int> l) { Action f = () => { [|l.DangerousAdd(out _)|] = 1; }; f(); } }
        """,
        """
        class C { [Dangerous] static int Raw() => 1; int M() => [|Raw()|]; }
        """,
        """
        class C { [Dangerous] static int Raw => 1; int M() => [|Raw|]; }
        """,
        """
        class Z { } [Dangerous] static class D { public static int Raw() => 1; } class C { int M() => [|D.Raw()|]; }
        """,
        """
        class C { [Dangerous] static int Raw() => 1; Func<int> M() => [|Raw|]; }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static unsafe void M(ConcurrentVirtualList<int> l) { l.DangerousAdd(out _) = 1; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(ConcurrentVirtualList<int> l) { unsafe { l.DangerousAdd(out _) = 1; } } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static unsafe void M(Pages<ReadWrite> p) { byte* x = p.DangerousPointer(); *x = 1; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static unsafe byte* M(Pages<ReadWrite> p) => p.DangerousPointer(); }
        """,
        """
        unsafe class C { void M(Pages<ReadWrite> p) { byte* x = p.DangerousPointer(); *x = 1; } }
        """,
        """
        unsafe struct S { void M(Pages<ReadWrite> p) { byte* x = p.DangerousPointer(); *x = 1; } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static unsafe void M(Pages<ReadWrite> p) { Keep((nint)p.DangerousPointer()); } }
        """,
        """
        static class Program { static nint s_a; static unsafe void* s_p; static void Keep(nint x) { } static void M(Pages<ReadWrite> p) { unsafe { using var f = p.DenyWrite(); } } }
        """,
        """
        class C { void M(ConcurrentVirtualList<int> l) { unsafe void F() { l.DangerousAdd(out _) = 1; } F(); } }
        """,
        """
        class C { unsafe int P => _l.DangerousAdd(out _); ConcurrentVirtualList<int> _l = new(); }
        """,
        """
        class C { nint M(System.Runtime.InteropServices.SafeHandle h) => h.DangerousGetHandle(); }
        """,
        """
        class C { nint _h; void M(System.Runtime.InteropServices.SafeHandle h) => _h = h.DangerousGetHandle(); }
        """,
        """
        class C { string M() => nameof(PagesDangerous); }
        """,
        """
        class C { [Dangerous] int Raw() => 1; unsafe int M() => Raw(); }
        """,
        """
        class C { byte _b; unsafe void M(Pages<ReadWrite> p) { _b = *p.DangerousPointer(); } }
        """,
        """
        class C { long _n; unsafe void M(ConcurrentVirtualList<int> l) { l.DangerousAdd(out nint i) = 1; _n = i; } }
        """,
        """
        class C { int _x; unsafe void M(ConcurrentVirtualList<int> l) { _x = 1; l.DangerousAdd(out _) = _x; } }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1008", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1008", snippet);
}
