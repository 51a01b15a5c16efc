using System.Runtime.InteropServices;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.SignalCalls;

namespace MemoryPages.Platform.Linux.Survival;

/// <summary>Has the process's SIGBUS handler be ours, and whatever was there before be asked about what is not ours.</summary>
/// <remarks>
/// The runtime's own handler is what turns strangers' faults into its usual end; so flags and mask stay the runtime's (with SA_ONSTACK added it
/// would take every fault for a stack overflow). Installed once, never taken out: somebody may have noted it as the handler to pass on to.
/// </remarks>
internal sealed unsafe class BusErrorHandler
{
    /// <summary>
    /// How many faults of a mapping are answered with a page each. Enough not to lose sight of what is left, few beside vm.max_map_count.
    /// </summary>
    private const ulong SingleFaults = 256;

    private readonly List<Installation> _installations = [];

    /// <summary>
    /// Sees to it that SIGBUS comes to us before anybody else: installs the code, also a second time where another part of the process has put its
    /// handler over ours.
    /// </summary>
    public SystemError BeInFront(nuint firstBlock)
    {
        SignalAction current = default;
        if (sigaction(SIGBUS, null, &current) != 0)
        {
            return Errno.Last("sigaction");
        }

        nuint inFront = current.Handler;
        if (_installations.Exists(installation => installation.Code == inFront))
        {
            return SystemError.None;
        }

        int known = _installations.FindIndex(installation => Previous(installation) == inFront);
        if (known > 0)
        {
            // It was over ours before, we went over it, and it came back. It may pass on to us, who would pass on to it, for ever.
            return new SystemError("sigaction", Errno.EBUSY);
        }

        if (known == 0)
        {
            return Enter(_installations[0], current); // what was there before we came was restored, without us
        }

        SystemError error = TryPrepare(firstBlock, out Installation fresh);
        if (!error.Failed)
        {
            _installations.Add(fresh); // also if it is refused now: nobody knows of it, and it costs two pages
            error = Enter(fresh, current);
        }

        return error;
    }

    private static SystemError Enter(Installation installation, SignalAction current)
    {
        // Before it is in force: from its first moment on it may have to pass on.
        Volatile.Write(ref ((Data*)installation.Data)->Previous, current.Handler);
        SignalAction ours = current with { Handler = installation.Code, Flags = (current.Flags | SA_SIGINFO) & ~SA_RESETHAND };
        if (current.Handler is SIG_DFL or SIG_IGN)
        {
            ours = new SignalAction { Handler = installation.Code, Flags = SA_SIGINFO };
        }

        SignalAction replaced = default;
        if (sigaction(SIGBUS, &ours, &replaced) != 0)
        {
            return Errno.Last("sigaction");
        }

        Volatile.Write(ref ((Data*)installation.Data)->Previous, replaced.Handler); // another thread may have been quicker
        return SystemError.None;
    }

    private static nuint Previous(Installation installation) => ((Data*)installation.Data)->Previous;

    /// <summary>A page of data and one of code. The code is written while nothing can run it, and run when nothing can write it.</summary>
    private static SystemError TryPrepare(nuint firstBlock, out Installation installation)
    {
        MemorySystem system = MemorySystem.Current;
        nuint page = system.PageSize;
        installation = default;
        var request = new AnonymousRequest
        {
            Length = 2 * page,
            Protection = PageProtection.Read | PageProtection.Write,
            PageSize = page,
            Alignment = page,
        };
        SystemError error = system.MapAnonymous(request, out MappedRange range);
        if (error.Failed)
        {
            return error;
        }

        *(Data*)range.Address = new Data { FirstBlock = firstBlock, SingleFaults = SingleFaults };
        nuint code = range.Address + page;
        ReadOnlySpan<byte> bytes = BusErrorCode.ForThisProcessor;
        var target = new Span<byte>((void*)code, bytes.Length);
        bytes.CopyTo(target);
        MemoryMarshal.Write(target[^sizeof(nuint)..], range.Address);
        error = system.Protect(code, page, PageProtection.Read | PageProtection.Execute);
        if (error.Failed)
        {
            _ = system.Unmap(range.Address, 2 * page);
            return error;
        }

        system.PublishCode(code, (nuint)bytes.Length);
        system.SetName(range.Address, 2 * page, "SIGBUS");
        installation = new Installation(range.Address, code);
        return SystemError.None;
    }

    private readonly record struct Installation(nuint Data, nuint Code);

    /// <summary>The layout is told in eng/bus-error-handler/README.md, and known to the code. The rest of the page stays zero.</summary>
    private struct Data
    {
        public nuint Previous;
        public nuint FirstBlock;
        public ulong SingleFaults;
    }
}
