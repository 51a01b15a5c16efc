namespace MemoryPages.Analyzers.Tests.Rules;

/// <summary>MP1010: who wants memory that can be written and run says why.</summary>
public sealed class UnexplainedTypeTests
{
    public static TheoryData<string> Wrong =>
    [
        """
        class C {
        #pragma warning disable MPUNSAFE001
        void M() { using var p = Pages.Allocate<[|ReadWriteExecute|]>(1); } }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        Pages<[|ReadWriteExecute|]>? _p; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        void M(Pages<[|ReadWriteExecute|]> p) { } }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        Pages<[|ReadWriteExecute|]> M() => null!; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        void M(Pages<ReadWrite> p) { using var q = p.Protect<[|ReadWriteExecute|]>(); } }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        object M() => default([|ReadWriteExecute|]); }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        object M() => typeof([|ReadWriteExecute|]); }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        string M() => nameof([|ReadWriteExecute|]); }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 //
        Pages<[|ReadWriteExecute|]>? _p; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        Pages<ReadWriteExecute>? _p;
        #pragma warning restore MPUNSAFE001
        #pragma warning disable MPUNSAFE001
        Pages<[|ReadWriteExecute|]>? _q; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        List<[|ReadWriteExecute|]> _p = []; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        void M(object o) { if (o is [|ReadWriteExecute|]) { } } }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        void M<T>() { } void F() => M<[|ReadWriteExecute|]>(); }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        bool M(object o) => o is Pages<[|ReadWriteExecute|]>; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001, CS0169
        Pages<[|ReadWriteExecute|]>? _p; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001
        object M() => new [|ReadWriteExecute|](); }
        """,
        """
        class Z { } [Dangerous] struct Raw { } class C { [|Raw|] _r; }
        """,
    ];

    public static TheoryData<string> Right =>
    [
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        void M() { using var p = Pages.Allocate<ReadWriteExecute>(1); } }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        Pages<ReadWriteExecute>? _p; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        void M(Pages<ReadWriteExecute> p) { } }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        Pages<ReadWriteExecute> M() => null!; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        void M(Pages<ReadWrite> p) { using var q = p.Protect<ReadWriteExecute>(); } }
        """,
        """
        class C {
        #pragma warning disable CS0169, MPUNSAFE001 // a patching interpreter
        Pages<ReadWriteExecute>? _p; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        object M() => typeof(ReadWriteExecute); }
        """,
        """
        class C { void M(Pages<ReadWrite> p) { using var q = p.Protect<ReadExecute>(); } }
        """,
        """
        class C {
        /// <see cref="ReadWriteExecute"/>
        void M() { } }
        """,
        """
        class C { string M() => "ReadWriteExecute"; }
        """,
        """
        class C { int ReadWriteExecute; int M() => ReadWriteExecute; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        Pages<ReadWriteExecute>? _p; Pages<ReadWriteExecute>? _q; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        List<ReadWriteExecute> _p = []; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        void M(object o) { if (o is ReadWriteExecute) { } } }
        """,
        """
        class C { Pages<ReadWrite>? _p; }
        """,
        """
        class C {
        #pragma warning disable MPUNSAFE001 // patches its own code
        
        
        object M() => new ReadWriteExecute(); }
        """,
        """
        class Z { } [Dangerous] struct Raw { } class C {
        #pragma warning disable MP1010 // needed for the device
        object _o = 1; }
        """,
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public Task Is_reported(string snippet) => Analysis.Check("MP1010", snippet);

    [Theory]
    [MemberData(nameof(Right))]
    public Task Is_not_reported(string snippet) => Analysis.Check("MP1010", snippet);
}
