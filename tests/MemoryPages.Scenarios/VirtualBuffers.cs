using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Guards in reserved address space: what a mistake of the library's would end the process for.</summary>
internal static unsafe class VirtualBuffers
{
    private const int GuardPages = 7;
    private static readonly nuint s_page = PageSize.Base;
    private static readonly PageRange s_guard = new(2 * s_page, GuardPages * s_page);

    /// <summary>Arguments: kind of guard, Read or Write, and 0 for the guard or 1 for the page before it.</summary>
    [Scenario]
    public static int TouchGuardOfBuffer(string[] arguments)
    {
        using VirtualBuffer buffer = Guarded(arguments[0], out byte* guard);
        byte* touched = arguments[2] == "0" ? guard : guard - 1;
        Console.Out.Flush();
        if (arguments[1] == "Read")
        {
            return *touched == 9 ? 0 : 3;
        }

        *touched = 1;
        return 0;
    }

    [Scenario]
    public static int RemoveGuardOfBuffer(string[] arguments)
    {
        using VirtualBuffer buffer = Guarded(arguments[0], out byte* guard);
        if (arguments[0] is "ReadOnly" or "NoAccess")
        {
            buffer.RemoveGuard(s_guard);
        }
        else
        {
            buffer.RemoveGuard(new PageRange(s_guard.Offset, 3 * s_page));
            buffer.RemoveGuard(new PageRange(s_guard.Offset + (3 * s_page), 4 * s_page));
        }

        using WriteView view = buffer.Write(new PageRange(0, buffer.Length));
        int wrong = view.Span.Slice((int)s_guard.Offset, (int)s_guard.Length).IndexOfAnyExcept((byte)0);
        view.Span.Fill(5);
        return wrong == -1 ? 0 : 4;
    }

    /// <summary>The kernel makes guards up to the locked part; then protection is refused too.</summary>
    [Scenario]
    public static int RefusedGuardOfBuffer(string[] arguments)
    {
        using VirtualBuffer buffer = VirtualBuffer.Reserve(11 * s_page);
        buffer.Commit(0, buffer.Length);
        buffer.Lock(new PageRange(s_guard.Offset + (3 * s_page), 2 * s_page));
        bool refused = false;
        SystemCallFailure.During(
            () =>
            {
                try
                {
                    buffer.InstallGuard(s_guard);
                }
                catch (MemoryPagesException)
                {
                    refused = true;
                }
            },
            new FailingCall(SystemCallFailure.Mprotect, SystemCallFailure.ENOMEM, s_guard.Length, 0));
        using WriteView view = buffer.Write(new PageRange(0, buffer.Length));
        view.Span.Fill(5); // a guard that stayed would end the process here
        return refused ? 0 : 1;
    }

    private static VirtualBuffer Guarded(string kind, out byte* guard)
    {
        VirtualBuffer buffer = VirtualBuffer.Reserve(11 * s_page);
        buffer.Commit(0, buffer.Length);
        using (WriteView view = buffer.Write(new PageRange(0, buffer.Length)))
        {
            view.Span.Fill(9);
            guard = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref view[s_guard.Offset]);
        }

        switch (kind)
        {
            case "Protection":
                SystemCallFailure.During(
                    () => buffer.InstallGuard(s_guard), new FailingCall(SystemCallFailure.Madvise, SystemCallFailure.EINVAL, s_guard.Length, 102));
                return buffer;
            case "Locked":
                buffer.Lock(new PageRange(0, buffer.Length));
                break;
            case "PartlyLocked":
                buffer.Lock(new PageRange(s_guard.Offset + (3 * s_page), 2 * s_page));
                break;
            case "ReadOnly":
                buffer.Protect<ReadOnly>(s_guard);
                break;
            case "NoAccess":
                buffer.Protect<NoAccess>(s_guard);
                break;
        }

        buffer.InstallGuard(s_guard);
        return buffer;
    }
}
