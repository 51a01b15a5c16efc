namespace MemoryPages.Tests.Virtual;

/// <summary>A mistake built into the protocol, which the exploration must find.</summary>
public enum Mistake
{
    None,
    HelperPassesUnsetBits,
    HelperStoresWithoutComparing,
    PublishesBeforeWriting,
    PublishesOutOfOrderByFrontier,
    ForgetsTheBit,
    ReaderForgetsTheBits,
}

/// <summary>
/// Publication in the concurrent list, in steps of one access to shared memory each, and all their interleavings. A program is a thread's operations: '1' adds
/// one element, '2' adds two in one claim, 'a' to 'f' read slot 0 to 5.
/// </summary>
internal sealed class ConcurrentProtocol(Mistake mistake, params string[] programs)
{
    private readonly HashSet<World> _seen = [];
    private readonly Stack<World> _open = [];

    private enum Step : byte
    {
        Begin, Write, Ask, Store, SetBit, HelpFrom, HelpScan, HelpMove, ReadClaimed, ReadBit,
    }

    public int States => _seen.Count;

    /// <summary>Ends in which all slots lie below the frontier, and in which it lags behind set bits: both must occur.</summary>
    public (int Complete, int Lagging) Ends { get; private set; }

    /// <summary>What is wrong in the first bad state, or null when there is none.</summary>
    public string? Explore()
    {
        Reach(default);
        while (_open.TryPop(out World world))
        {
            bool ended = true;
            for (int thread = 0; thread < programs.Length; thread++)
            {
                if (world[thread].Operation == programs[thread].Length)
                {
                    continue;
                }

                ended = false;
                World next = world;
                string? wrong = Advance(ref next, thread) ?? Check(world, next);
                if (wrong is not null)
                {
                    return wrong;
                }

                Reach(next);
            }

            if (ended)
            {
                Ends = world.Frontier == world.Claimed ? (Ends.Complete + 1, Ends.Lagging) : (Ends.Complete, Ends.Lagging + 1);
            }
        }

        return null;
    }

    private static byte Mask(int start, int count) => (byte)(((1 << count) - 1) << start);

    private static string? Check(in World before, in World after)
    {
        byte below = Mask(0, after.Frontier);
        return after.Frontier < before.Frontier ? "The frontier decreased."
            : (below & ~after.Written) != 0 ? "The frontier passed a slot that is not written."
            : (after.Bits & ~after.Written) != 0 ? "A bit is set and its slot not written."
            : (after.Returned & ~(below | after.Bits)) != 0 ? "An append returned and its element is invisible."
            : null;
    }

    private void Reach(World world)
    {
        if (_seen.Add(world))
        {
            _open.Push(world);
        }
    }

    /// <summary>One step of one thread: at most one access to what is shared.</summary>
    private string? Advance(ref World world, int thread)
    {
        Actor actor = world[thread];
        char operation = programs[thread][actor.Operation];
        int count = operation - '0';
        string? wrong = null;
        switch (actor.Step)
        {
            case Step.Begin when char.IsAsciiLetter(operation):
                actor = actor with { Index = (byte)(operation - 'a'), Known = world.Returned };
                if (actor.Index < world.Frontier)
                {
                    wrong = Read(world, ref actor);
                }
                else
                {
                    actor.Step = Step.ReadClaimed;
                }

                break;
            case Step.ReadClaimed:
                actor.Step = Step.ReadBit;
                if (actor.Index >= world.Claimed || mistake == Mistake.ReaderForgetsTheBits)
                {
                    wrong = Miss(ref actor);
                }

                break;
            case Step.ReadBit:
                wrong = IsSet(world, actor.Index) ? Read(world, ref actor) : Miss(ref actor);
                break;
            case Step.Begin:
                actor = actor with { Index = world.Claimed, Done = 0, Step = mistake == Mistake.PublishesBeforeWriting ? Step.Ask : Step.Write };
                world.Claimed += (byte)count;
                break;
            case Step.Write:
                world.Written |= Mask(actor.Index + actor.Done, 1);
                actor.Step = ++actor.Done == count ? Step.Ask : Step.Write;
                break;
            case Step.Ask:
                actor.Done = 0;
                actor.Step = world.Frontier == actor.Index || mistake == Mistake.PublishesOutOfOrderByFrontier ? Step.Store
                    : mistake == Mistake.ForgetsTheBit ? Step.HelpFrom : Step.SetBit;
                break;
            case Step.Store:
                world.Frontier = (byte)(actor.Index + count);
                Return(ref world, ref actor, count);
                break;
            case Step.SetBit:
                world.Bits |= Mask(actor.Index + actor.Done, 1); // bit by bit: the code's words are some of these at once
                actor.Step = ++actor.Done == count ? Step.HelpFrom : Step.SetBit;
                break;
            case Step.HelpFrom:
                actor = actor with { From = world.Frontier, Next = world.Frontier, Step = Step.HelpScan };
                break;
            case Step.HelpScan:
                bool goesOn = actor.Next < world.Claimed && (IsSet(world, actor.Next) || mistake == Mistake.HelperPassesUnsetBits);
                actor = goesOn ? actor with { Next = (byte)(actor.Next + 1) } : actor with { Step = Step.HelpMove };
                break;
            case Step.HelpMove:
                if (actor.Next > actor.From && (world.Frontier == actor.From || mistake == Mistake.HelperStoresWithoutComparing))
                {
                    world.Frontier = actor.Next;
                }

                Return(ref world, ref actor, count);
                break;
        }

        world[thread] = actor;
        return wrong;
    }

    private static bool IsSet(in World world, int slot) => (world.Bits & Mask(slot, 1)) != 0;

    private static void Return(ref World world, ref Actor actor, int count)
    {
        world.Returned |= Mask(actor.Index, count);
        actor = new Actor { Operation = (byte)(actor.Operation + 1) };
    }

    private static string? Read(in World world, ref Actor actor)
    {
        string? wrong = (world.Written & Mask(actor.Index, 1)) == 0 ? "A reader took a slot that is not written." : null;
        actor = new Actor { Operation = (byte)(actor.Operation + 1) };
        return wrong;
    }

    private static string? Miss(ref Actor actor)
    {
        string? wrong = (actor.Known & Mask(actor.Index, 1)) != 0 ? "A reader missed an element whose append had returned before." : null;
        actor = new Actor { Operation = (byte)(actor.Operation + 1) };
        return wrong;
    }

    private record struct Actor(byte Operation, Step Step, byte Index, byte Done, byte From, byte Next, byte Known);

    private record struct World(byte Claimed, byte Frontier, byte Bits, byte Written, byte Returned, Actor First, Actor Second, Actor Third)
    {
        public Actor this[int thread]
        {
            readonly get => thread switch { 0 => First, 1 => Second, _ => Third };
            set => _ = thread switch { 0 => First = value, 1 => Second = value, _ => Third = value };
        }
    }
}
