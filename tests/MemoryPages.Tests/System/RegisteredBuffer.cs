using System.Runtime.InteropServices;

namespace MemoryPages.Tests.Effects;

/// <summary>Memory that a ring of io_uring(7) has as a buffer: the kernel holds its pages where they are, as it does for a device. x86-64's numbers.</summary>
internal sealed unsafe partial class RegisteredBuffer : IDisposable
{
    private const int Setup = 425;
    private const int Register = 427;

    private readonly int _ring;

    public RegisteredBuffer(nuint address, nuint length)
    {
        byte* parameters = stackalloc byte[120];
        new Span<byte>(parameters, 120).Clear();
        _ring = (int)Call(Setup, 1, (nint)parameters, 0, 0, 0);
        Assert.SkipUnless(_ring >= 0, "This kernel has no io_uring, or a sandbox forbids it.");
        nuint* vector = stackalloc nuint[2] { address, length };
        Assert.Equal(0, Call(Register, _ring, 0, (nint)vector, 1, 0));
    }

    public void Dispose()
    {
        _ = Call(Register, _ring, 1, 0, 0, 0); // at once; closing alone lets the pages go some time later
        _ = Kernel.Close(_ring);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint a, nint b, nint c, nint d, nint e);
}
