using System.Diagnostics;
using MemoryPages.Platform.Linux.Native;
using static MemoryPages.Platform.Linux.Native.NumaCalls;

namespace MemoryPages.Platform.Linux;

/// <summary>Where pages are, and moving them: move_pages(2).</summary>
internal sealed unsafe partial class LinuxMemorySystem
{
    /// <summary>What no page's status is: not tried, or tried without a word.</summary>
    private const int Untold = int.MinValue;

    public override SystemError QueryNodes(nuint address, nuint pageSize, Span<int> nodes)
    {
        nuint* pages = stackalloc nuint[MostPagesMoved];
        fixed (int* status = nodes)
        {
            for (int first = 0; first < nodes.Length; first += MostPagesMoved)
            {
                int count = Math.Min(MostPagesMoved, nodes.Length - first);
                List(pages, address + ((nuint)first * pageSize), pageSize, count);
                if (move_pages(SYS_move_pages, 0, (nuint)count, pages, null, status + first, 0) < 0)
                {
                    return Errno.Last("move_pages");
                }
            }
        }

        return SystemError.None;
    }

    /// <remarks>
    /// What the kernel says while it moves is not what became of the pages: where one cannot be moved it stops, and leaves the answers of its whole
    /// batch as they were; and of a larger page whose first part is on its way it says that the second is busy. So where they are afterwards is
    /// asked, and what it said is only the reason for those that are not where they should be.
    /// </remarks>
    public override SystemError MovePages(nuint address, nuint pageSize, ReadOnlySpan<int> targets, bool includeShared, Span<NumaMove> outcomes)
    {
        Debug.Assert(outcomes.Length <= MostPagesMoved && (targets.Length == 1 || targets.Length == outcomes.Length), "The caller cuts it to measure.");
        int count = outcomes.Length;
        Span<int> before = stackalloc int[count];
        Span<int> after = stackalloc int[count];
        nuint* pages = stackalloc nuint[count];
        int* wished = stackalloc int[count];
        int* told = stackalloc int[count];
        List(pages, address, pageSize, count);
        for (int i = 0; i < count; i++)
        {
            wished[i] = targets[targets.Length == 1 ? 0 : i];
            told[i] = Untold;
        }

        SystemError error = QueryNodes(address, pageSize, before);
        if (!error.Failed)
        {
            error = Move(pages, wished, told, count, includeShared ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE);
        }

        if (!error.Failed)
        {
            error = QueryNodes(address, pageSize, after);
        }

        for (int i = 0; i < count && !error.Failed; i++)
        {
            outcomes[i] = after[i] < 0 ? NumaMove.Absent
                : after[i] == wished[i] ? (before[i] == wished[i] ? NumaMove.WasThere : NumaMove.Moved)
                : ReasonOf(told[i]);
        }

        return error;
    }

    /// <summary>All together; those of which the kernel has said nothing then, one by one.</summary>
    private static SystemError Move(nuint* pages, int* wished, int* told, int count, nint flags)
    {
        SystemError error = MoveTogether(pages, wished, told, count, flags, out bool all);
        for (int i = 0; i < count && !all && !error.Failed; i++)
        {
            if (told[i] == Untold)
            {
                error = MoveTogether(pages + i, wished + i, told + i, 1, flags, out _);
            }
        }

        return error;
    }

    /// <param name="pages">Their addresses.</param>
    /// <param name="wished">A node for each.</param>
    /// <param name="told">The kernel's answer for each.</param>
    /// <param name="count">How many.</param>
    /// <param name="flags">Which may move.</param>
    /// <param name="all">Each has its answer.</param>
    /// <returns>What keeps all pages from moving. What keeps one is its answer, if it is the only one.</returns>
    private static SystemError MoveTogether(nuint* pages, int* wished, int* told, int count, nint flags, out bool all)
    {
        nint result = move_pages(SYS_move_pages, 0, (nuint)count, pages, wished, told, flags);
        SystemError error = result < 0 ? Errno.Last("move_pages") : SystemError.None;
        all = result == 0;
        if (error.Code is not (Errno.ENOENT or Errno.ENOMEM or Errno.EBUSY or Errno.EAGAIN))
        {
            return error;
        }

        if (count == 1)
        {
            *told = -error.Code;
        }

        return SystemError.None;
    }

    private static NumaMove ReasonOf(int told) => told switch
    {
        -Errno.EACCES => NumaMove.Shared,
        -Errno.ENOMEM => NumaMove.NoMemory,
        -Errno.EFAULT or -Errno.EINVAL => NumaMove.Unmovable,
        _ => NumaMove.Busy,
    };

    private static void List(nuint* pages, nuint address, nuint pageSize, int count)
    {
        for (int i = 0; i < count; i++)
        {
            pages[i] = address + ((nuint)i * pageSize);
        }
    }
}
