namespace MemoryPages.Tests.Virtual;

/// <summary>A mistake built into the protocol, which the exploration must find.</summary>
public enum Mistake
{
    None,
    MovesTheFrontierOverUnsetBits,
    MovesTheFrontierWithoutComparing,
    PublishesBeforeWriting,
    PublishesOutOfOrderByFrontier,
    ForgetsTheBit,
    ReaderForgetsTheBits,
    ReadsBitsAfterItsOwn,
    TellsBeforeCommitting,
    LeavesGrowingToTheFirst,
    WritesWhereItWasOvertaken,
    ForgetsTheAbandoned,
    EndForgetsTheBits,
    GrowsAfterTheEnd,
}

/// <summary>
/// The concurrent list's protocol, in steps of one access to shared memory each, and all their interleavings. A program is a thread's operations: '1'
/// adds one element, '2' two in one claim, 'a' to 'f' read slot 0 to 5, 'A' to 'F' ensure a capacity of 1 to 6, '+' is the system finding memory
/// again, '!' ends the list.
/// </summary>
/// <param name="mistake">What is wrong with it.</param>
/// <param name="covered">Slots that have memory at the beginning.</param>
/// <param name="slack">By how much the capacity that appends check lies below that.</param>
/// <param name="memory">Slots for which the system has memory at the beginning.</param>
/// <param name="programs">One for each thread; at most three.</param>
internal sealed partial class ConcurrentProtocol(Mistake mistake, int covered, int slack, int memory, params string[] programs)
{
    private const sbyte Closed = -64;
    private const int Maximum = 6;

    private readonly HashSet<World> _seen = [];
    private readonly Stack<World> _open = [];

    private enum Step : byte
    {
        Begin,
        CompareClaimed, Claim, ReadClaimed, CompareHard, ClaimRange, // claiming
        Write, ReadFrontier, StoreFrontier, ScanBits, MoveFrontier, SetBit, ReadOnceMore, // publishing
        Lock, CheckCapacity, Commit, TellHard, TellSoft, NextAbandoned, LockToAbandon, Abandon, // growing
        ReadFrontierBounds, ReadBit, // reading
        Close, LockToEnd, ScanToEnd, Unmap, // ending
    }

    private enum Purpose : byte
    {
        Append,
        CoverRange,
        CoverOvertaken,
        Ensure,
    }

    public int States => _seen.Count;

    /// <summary>How often the interleavings came to what has to be among them if they are to show anything.</summary>
    public (int Complete, int Lagging, int Overtaken, int Abandoned) Seen { get; private set; }

    /// <summary>What is wrong in the first bad state, or null when there is none.</summary>
    public string? Explore()
    {
        Reach(new World { Committed = (byte)covered, Memory = (byte)memory, Hard = (byte)covered, Soft = (byte)Math.Max(covered - slack, 0) });
        while (_open.TryPop(out World world))
        {
            bool canMove = false;
            bool hasEnded = true;
            for (int thread = 0; thread < programs.Length; thread++)
            {
                if (world[thread].Operation == programs[thread].Length)
                {
                    continue;
                }

                hasEnded = false;
                if (world.IsLocked && world[thread].Step is Step.Lock or Step.LockToAbandon or Step.LockToEnd)
                {
                    continue;
                }

                canMove = true;
                World next = world;
                string? wrong = Advance(ref next, thread) ?? Check(world, next);
                if (wrong is not null)
                {
                    return wrong;
                }

                Reach(next);
            }

            if (!hasEnded && !canMove)
            {
                return "Nobody can go on.";
            }

            if (hasEnded)
            {
                Seen = world.IsUnmapped || world.Frontier == world.Claimed
                    ? Seen with { Complete = Seen.Complete + 1 }
                    : Seen with { Lagging = Seen.Lagging + 1 };
            }
        }

        return null;
    }

    private static byte Mask(int start, int count) => (byte)(((1 << count) - 1) << start);

    private static string? Check(in World before, in World after)
    {
        if (after.HasEnded)
        {
            return null; // nothing is visible any more
        }

        byte visible = (byte)(Mask(0, after.Frontier) | after.Bits);
        return after.Frontier < before.Frontier ? "The frontier decreased."
            : (Mask(0, after.Frontier) & ~after.Written) != 0 ? "The frontier passed a slot that is not written."
            : (after.Bits & ~after.Written) != 0 ? "A bit is set and its slot not written."
            : (after.Returned & ~visible) != 0 ? "An append returned and its element is invisible."
            : null;
    }

    private void Reach(World world)
    {
        if (_seen.Add(world))
        {
            _open.Push(world);
        }
    }

    /// <param name="Slot">The first slot that it publishes or reads.</param>
    /// <param name="Known">What had been returned when it began to read.</param>
    /// <param name="Own">The slot it claimed, while it publishes an abandoned one.</param>
    private record struct Actor(
        byte Operation, Step Step, Purpose Purpose, sbyte Slot, byte Count, byte Done, byte Soft, byte From, byte Next, byte Required, byte Known,
        sbyte Own, bool IsForOthers, bool IsAbandoning, bool IsAlone);

    private record struct World(
        sbyte Claimed, byte Frontier, byte Bits, byte Written, byte Returned, byte Hard, byte Soft, byte Committed, byte Memory, byte Abandoned,
        bool IsLocked, bool HasEnded, bool IsUnmapped)
    {
        public Actor First { get; set; }

        public Actor Second { get; set; }

        public Actor Third { get; set; }

        public Actor this[int thread]
        {
            readonly get => thread switch { 0 => First, 1 => Second, _ => Third };
            set => _ = thread switch { 0 => First = value, 1 => Second = value, _ => Third = value };
        }
    }
}
