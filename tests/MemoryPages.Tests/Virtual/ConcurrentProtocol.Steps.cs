using System.Numerics;

namespace MemoryPages.Tests.Virtual;

/// <content>What each step does.</content>
internal sealed partial class ConcurrentProtocol
{
    private Step FirstAfterClaim => mistake == Mistake.PublishesBeforeWriting ? Step.ReadFrontier : Step.Write;

    /// <summary>
    /// One step of one thread: at most one access to what is shared, or what it does under the lock that nobody else sees in parts.
    /// </summary>
    private string? Advance(ref World world, int thread)
    {
        Actor actor = world[thread];
        string? wrong = actor.Step switch
        {
            Step.Begin => Begin(ref world, ref actor, programs[thread][actor.Operation]),
            <= Step.ClaimRange => Claim(ref world, ref actor),
            <= Step.ReadOnceMore => Publish(ref world, ref actor),
            <= Step.Abandon => Grow(ref world, ref actor),
            <= Step.ReadBit => Read(world, ref actor),
            _ => End(ref world, ref actor, thread),
        };
        world[thread] = actor;
        return wrong;
    }

    private string? Begin(ref World world, ref Actor actor, char operation)
    {
        switch (operation)
        {
            case '1': // reads the soft limit
                actor = actor with { Count = 1, Soft = world.Soft, Step = Step.CompareClaimed };
                return null;
            case '2':
                actor = actor with { Count = 2, Step = Step.ReadClaimed };
                return null;
            case '+':
                world.Memory = Maximum;
                return Finish(ref actor);
            case '!':
                actor.Step = Step.Close;
                return null;
            case >= 'A' and <= 'F':
                actor = actor with { Required = (byte)(operation - 'A' + 1), Purpose = Purpose.Ensure, Step = Step.Lock };
                return mistake == Mistake.LeavesGrowingToTheFirst && world.IsLocked ? Covered(world, ref actor) : null; // "it will have grown for me"
            default: // reads the frontier
                actor = actor with { Slot = (sbyte)(operation - 'a'), Known = world.Returned, Step = Step.ReadFrontierBounds };
                return actor.Slot < world.Frontier ? Found(world, ref actor) : null;
        }
    }

    private string? Claim(ref World world, ref Actor actor)
    {
        switch (actor.Step)
        {
            case Step.CompareClaimed:
                actor.Step = world.Claimed >= actor.Soft ? Step.ReadClaimed : Step.Claim;
                return null;
            case Step.Claim:
                actor.Slot = world.Claimed++;
                actor.Required = (byte)(actor.Slot + 1);
                if (actor.Slot < 0 || actor.Slot >= Maximum)
                {
                    return Finish(ref actor); // refused
                }

                bool hasMemory = actor.Slot < actor.Soft + slack || mistake == Mistake.WritesWhereItWasOvertaken;
                actor = hasMemory ? actor with { Step = FirstAfterClaim } : actor with { Purpose = Purpose.CoverOvertaken, Step = Step.Lock };
                Seen = hasMemory ? Seen : Seen with { Overtaken = Seen.Overtaken + 1 };
                return null;
            case Step.ReadClaimed:
                actor = actor with { Slot = world.Claimed, Required = (byte)(world.Claimed + actor.Count), Step = Step.CompareHard };
                return actor.Slot < 0 || actor.Slot + actor.Count > Maximum ? Finish(ref actor) : null; // refused
            case Step.CompareHard:
                actor = actor.Required > world.Hard
                    ? actor with { Purpose = Purpose.CoverRange, Step = Step.Lock }
                    : actor with { Step = Step.ClaimRange };
                return null;
            default: // compare-and-swap
                bool isClaimed = world.Claimed == actor.Slot;
                world.Claimed = isClaimed ? (sbyte)actor.Required : world.Claimed;
                actor.Step = isClaimed ? FirstAfterClaim : Step.ReadClaimed;
                return null;
        }
    }

    private string? Publish(ref World world, ref Actor actor)
    {
        switch (actor.Step)
        {
            case Step.Write:
                int slot = actor.Slot + actor.Done;
                world.Written |= Mask(slot, 1);
                actor.Step = ++actor.Done == actor.Count ? Step.ReadFrontier : Step.Write;
                return world.IsUnmapped ? "A slot was written after the end." : slot >= world.Committed ? "A slot without memory was written." : null;
            case Step.ReadFrontier:
                actor = actor with { From = world.Frontier, Next = world.Frontier, Done = 0 };
                actor.Step = world.Frontier == actor.Slot || mistake == Mistake.PublishesOutOfOrderByFrontier ? Step.StoreFrontier : Step.ScanBits;
                return null;
            case Step.StoreFrontier:
                world.Frontier = (byte)(actor.Slot + actor.Count);
                return Published(ref world, ref actor);
            case Step.ScanBits:
                bool goesOn = actor.Next < actor.Slot && (IsSet(world, actor.Next) || mistake == Mistake.MovesTheFrontierOverUnsetBits);
                actor = goesOn
                    ? actor with { Next = (byte)(actor.Next + 1) }
                    : actor with { Step = actor.Next > actor.From ? Step.MoveFrontier : Step.SetBit };
                return BitsGone(world);
            case Step.MoveFrontier:
                bool isMoved = world.Frontier == actor.From || mistake == Mistake.MovesTheFrontierWithoutComparing;
                bool reachesSlot = actor.Next == actor.Slot;
                world.Frontier = !isMoved ? world.Frontier : reachesSlot ? (byte)(actor.Slot + actor.Count) : actor.Next;
                actor.Step = Step.SetBit;
                return isMoved && reachesSlot ? Published(ref world, ref actor) : null;
            case Step.SetBit:
                // One by one: the code's words are some of these at once.
                world.Bits |= mistake == Mistake.ForgetsTheBit ? (byte)0 : Mask(actor.Slot + actor.Done, 1);
                string? wrong = BitsGone(world);
                if (++actor.Done == actor.Count)
                {
                    actor.Step = Step.ReadOnceMore;
                    return wrong ?? (mistake == Mistake.ReadsBitsAfterItsOwn ? null : Published(ref world, ref actor));
                }

                return wrong;
            default:
                return BitsGone(world) ?? Published(ref world, ref actor);
        }
    }

    /// <summary>Back to whoever published: a grower with others' slots, a refused append with its own, or the append itself.</summary>
    private static string? Published(ref World world, ref Actor actor)
    {
        if (actor.IsForOthers)
        {
            actor = actor with { Slot = actor.Own, Count = actor.Known, Done = 0, IsForOthers = false, Step = Step.NextAbandoned };
            return null;
        }

        if (actor.IsAbandoning)
        {
            world.IsLocked = false;
        }
        else
        {
            world.Returned |= Mask(actor.Slot, actor.Count);
        }

        return Finish(ref actor);
    }

    private string? Grow(ref World world, ref Actor actor)
    {
        switch (actor.Step)
        {
            case Step.Lock:
                world.IsLocked = true;
                actor.Step = Step.CheckCapacity;
                return null;
            case Step.CheckCapacity:
                if (world.HasEnded && mistake != Mistake.GrowsAfterTheEnd)
                {
                    world.IsLocked = false;
                    return Finish(ref actor); // refused
                }

                actor.Step = mistake == Mistake.TellsBeforeCommitting ? Step.TellHard : Step.Commit;
                return actor.Required <= world.Hard ? Unlock(ref world, ref actor) : null;
            case Step.Commit:
                if (actor.Required > world.Memory)
                {
                    world.IsLocked = false;
                    actor.Step = Step.LockToAbandon;
                    return actor.Purpose == Purpose.CoverOvertaken ? null : Finish(ref actor); // refused
                }

                world.Committed = (byte)Math.Min(actor.Required + slack, world.Memory);
                actor.Step = mistake == Mistake.TellsBeforeCommitting ? Step.NextAbandoned : Step.TellHard;
                return world.IsUnmapped ? "Memory was committed after the end." : null;
            case Step.TellHard:
                world.Hard = (byte)Math.Min(actor.Required + slack, world.Memory);
                actor.Step = Step.TellSoft;
                return null;
            case Step.TellSoft:
                world.Soft = (byte)Math.Max(world.Hard - slack, 0);
                actor.Step = mistake == Mistake.TellsBeforeCommitting ? Step.Commit : Step.NextAbandoned;
                return null;
            case Step.NextAbandoned:
                byte due = (byte)(world.Abandoned & Mask(0, world.Hard));
                if (due == 0 || mistake == Mistake.ForgetsTheAbandoned)
                {
                    return Unlock(ref world, ref actor);
                }

                sbyte slot = (sbyte)BitOperations.TrailingZeroCount(due);
                world.Abandoned ^= Mask(slot, 1);
                world.Written |= Mask(slot, 1); // zeros
                actor = actor with { Own = actor.Slot, Known = actor.Count, Slot = slot, Count = 1, IsForOthers = true, Step = Step.ReadFrontier };
                return null;
            case Step.LockToAbandon:
                world.IsLocked = true;
                actor.Step = Step.Abandon;
                return null;
            default:
                Seen = Seen with { Abandoned = Seen.Abandoned + 1 };
                if (actor.Slot < world.Hard)
                {
                    world.Written |= Mask(actor.Slot, 1); // zeros
                    actor = actor with { IsAbandoning = true, Step = Step.ReadFrontier };
                    return null;
                }

                world.Abandoned |= Mask(actor.Slot, 1);
                world.IsLocked = false;
                return Finish(ref actor); // refused
        }
    }

    private string? Unlock(ref World world, ref Actor actor)
    {
        world.IsLocked = false;
        return Covered(world, ref actor);
    }

    /// <summary>Back to whoever grew.</summary>
    private string? Covered(in World world, ref Actor actor)
    {
        if (actor.Purpose == Purpose.Ensure)
        {
            string? wrong = actor.Required > world.Hard && !world.HasEnded ? "Capacity came back short." : null;
            return wrong ?? Finish(ref actor);
        }

        actor = actor with { Step = actor.Purpose == Purpose.CoverRange ? Step.ClaimRange : FirstAfterClaim };
        return null;
    }

    private string? Read(in World world, ref Actor actor)
    {
        if (actor.Step == Step.ReadFrontierBounds)
        {
            actor.Step = Step.ReadBit;
            bool isBehind = actor.Slot >= Math.Min(world.Claimed, (sbyte)world.Hard);
            return isBehind || mistake == Mistake.ReaderForgetsTheBits ? Missed(world, ref actor) : null;
        }

        return IsSet(world, actor.Slot) ? Found(world, ref actor) : Missed(world, ref actor);
    }

    private string? End(ref World world, ref Actor actor, int thread)
    {
        switch (actor.Step)
        {
            case Step.Close:
                actor = actor with { Slot = world.Claimed, Step = Step.LockToEnd };
                world.Claimed = Closed;
                return actor.Slot < 0 ? Finish(ref actor) : null;
            case Step.LockToEnd: // and reads the frontier
                world.IsLocked = true;
                World now = world;
                bool isAlone = Enumerable.Range(0, programs.Length).All(other => other == thread || now[other].Operation == programs[other].Length);
                byte required = (byte)Math.Min(actor.Slot, (sbyte)world.Hard);
                actor = actor with { Next = world.Frontier, Required = required, IsAlone = isAlone, Step = Step.ScanToEnd };
                return null;
            case Step.ScanToEnd:
                if (actor.Next < actor.Required && mistake != Mistake.EndForgetsTheBits)
                {
                    bool isSet = IsSet(world, actor.Next++);
                    return isSet ? null : WaitOn(ref world, ref actor);
                }

                world = world with { HasEnded = true, Frontier = 0, Hard = 0, Soft = 0, IsLocked = false };
                actor.Step = Step.Unmap;
                return null;
            default:
                world.IsUnmapped = true;
                return Finish(ref actor);
        }
    }

    /// <summary>Tries again. Where all others were through when this attempt began, the next would find the same.</summary>
    private static string? WaitOn(ref World world, ref Actor actor)
    {
        world.IsLocked = false;
        actor.Step = Step.LockToEnd;
        return actor.IsAlone ? "The end waits for ever." : null;
    }

    private static bool IsSet(in World world, int slot) => (world.Bits & Mask(slot, 1)) != 0;

    private static string? BitsGone(in World world) => world.IsUnmapped ? "Bits were touched after the end." : null;

    private static string? Finish(ref Actor actor)
    {
        actor = new Actor { Operation = (byte)(actor.Operation + 1) };
        return null;
    }

    private static string? Found(in World world, ref Actor actor)
    {
        string? wrong = (world.Written & Mask(actor.Slot, 1)) == 0 ? "A reader took a slot that is not written." : null;
        return wrong ?? Finish(ref actor);
    }

    private static string? Missed(in World world, ref Actor actor)
    {
        string? wrong = !world.HasEnded && world.Claimed >= 0 && (actor.Known & Mask(actor.Slot, 1)) != 0
            ? "A reader missed an element whose append had returned before." : null;
        return wrong ?? Finish(ref actor);
    }
}
