using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MemoryPages.Testing;

/// <summary>Which calls of one thread fail, and how. Numbers of x86-64.</summary>
/// <param name="Call">The system call's number: see <see cref="SystemCallFailure"/>.</param>
/// <param name="Error">The errno that it gives, without being carried out.</param>
/// <param name="Length">
/// Only calls whose second argument is this: the runtime maps, protects and advises on the same thread, so give lengths that only the test uses.
/// Null for any, for calls that the runtime never makes (mremap, mlock, msync, mincore).
/// </param>
/// <param name="ThirdArgument">Only calls whose third argument (protection, advice, flags) is this; null for any.</param>
internal sealed record FailingCall(int Call, int Error, nuint? Length = null, int? ThirdArgument = null);

/// <summary>
/// Makes system calls fail for real, for code of a test only: a seccomp filter on a thread of its own. Needs no privilege, touches no other thread,
/// and ends with the thread.
/// </summary>
internal static unsafe class SystemCallFailure
{
    public const int Close = 3;
    public const int Mmap = 9;
    public const int Mprotect = 10;
    public const int Munmap = 11;

    /// <summary>Its second argument is not a length but a command: <see cref="FailingCall.Length"/> matches these.</summary>
    public const int Ioctl = 16;

    /// <summary>Its second argument is an address: match by the third, the number of bytes.</summary>
    public const int Pread = 17;
    public const int Pwrite = 18;
    public const int Mremap = 25;
    public const int Msync = 26;
    public const int Mincore = 27;
    public const int Madvise = 28;

    /// <summary>Its second argument is not a length but a command: <see cref="FailingCall.Length"/> matches these.</summary>
    public const int Fcntl = 72;
    public const int Flock = 73;
    public const int Fsync = 74;
    public const int Fdatasync = 75;
    public const int Ftruncate = 77;
    public const int Fchmod = 91;
    public const int Mlock = 149;
    public const int Munlock = 150;
    public const int Pipe2 = 293;

    /// <summary>The runtime makes this call in a collection only.</summary>
    public const int Mbind = 237;
    public const int Linkat = 265;
    public const int SyncFileRange = 277;

    /// <summary>Its second argument is the mode.</summary>
    public const int Fallocate = 285;
    public const int ProcessVmReadv = 310;
    public const int ProcessVmWritev = 311;

    /// <summary>Its second argument is not a length but flags: <see cref="FailingCall.Length"/> matches these.</summary>
    public const int MemfdCreate = 319;
    public const int UserFaultFd = 323;
    public const int Mlock2 = 325;
    public const int Mseal = 462;

    /// <summary>Likewise: its first argument are its flags.</summary>
    public const int MemfdSecret = 447;
    public const int Cachestat = 451;

    public const int EPERM = 1;
    public const int EIO = 5;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EFAULT = 14;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOTTY = 25;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENOSYS = 38;
    public const int EOPNOTSUPP = 95;
    public const int EDQUOT = 122;

    /// <summary>Whether this machine can do it.</summary>
    public static bool IsPossible => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Runs the code on a thread whose named calls fail. What the code throws is thrown here.</summary>
    public static void During(Action code, params FailingCall[] failures)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                Install(failures);
                code();
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (thrown is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown);
        }
    }

    private static void Install(FailingCall[] failures)
    {
        const int NoNewPrivileges = 38;
        const int SetSeccomp = 22;
        const int FilterMode = 2;

        var program = new List<Instruction>();
        foreach (FailingCall failure in failures)
        {
            List<(uint Offset, uint Value)> conditions = [(0, (uint)failure.Call)];
            if (failure.Length is nuint length)
            {
                conditions.Add((ArgumentOffset(1), (uint)length));
                if (failure.Call != Ioctl) // the kernel reads 32 bits of a request: what stands above is nobody's
                {
                    conditions.Add((ArgumentOffset(1) + 4, (uint)(length >> 32)));
                }
            }

            if (failure.ThirdArgument is int third)
            {
                conditions.Add((ArgumentOffset(2), (uint)third));
            }

            int rest = (conditions.Count * 2) + 1; // instructions of this rule that are still to come
            foreach ((uint offset, uint value) in conditions)
            {
                rest -= 2;
                program.Add(Instruction.Load(offset));
                program.Add(Instruction.JumpUnlessEqual(value, (byte)rest));
            }

            program.Add(Instruction.Return(0x0005_0000u | (uint)failure.Error));   // SECCOMP_RET_ERRNO
        }

        program.Add(Instruction.Return(0x7fff_0000u));                             // SECCOMP_RET_ALLOW
        Instruction[] instructions = [.. program];
        fixed (Instruction* first = instructions)
        {
            var filter = new Filter { Length = (ushort)instructions.Length, First = first };
            if (Kernel.ProcessControl(NoNewPrivileges, 1, 0, 0, 0) != 0 || Kernel.ProcessControl(SetSeccomp, FilterMode, (nint)(&filter), 0, 0) != 0)
            {
                throw new UnreachableException($"This kernel takes no seccomp filter: errno {Marshal.GetLastPInvokeError()}.");
            }
        }
    }

    /// <summary>Where an argument's low half stands in struct seccomp_data; its high half follows.</summary>
    private static uint ArgumentOffset(uint index) => 16 + (8 * index);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte jumpTrue, byte jumpFalse, uint value)
    {
        private readonly ushort _code = code;
        private readonly byte _jumpTrue = jumpTrue;
        private readonly byte _jumpFalse = jumpFalse;
        private readonly uint _value = value;

        public static Instruction Load(uint offset) => new(0x20, 0, 0, offset);

        public static Instruction JumpUnlessEqual(uint value, byte distance) => new(0x15, 0, distance, value);

        public static Instruction Return(uint value) => new(0x06, 0, 0, value);
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public ushort Length;
        public Instruction* First;
    }
}
