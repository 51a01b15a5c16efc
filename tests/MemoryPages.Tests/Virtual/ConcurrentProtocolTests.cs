namespace MemoryPages.Tests.Virtual;

/// <summary>Every interleaving of a few threads. What the model says of memory order is sequential; see the slots for release and acquire.</summary>
public sealed class ConcurrentProtocolTests
{
    [Theory]
    [InlineData("11", "11")]
    [InlineData("12", "21")]
    [InlineData("22", "11", "ab")]
    [InlineData("11", "11", "bc")]
    [InlineData("12", "12", "ec")]
    [InlineData("1b", "1c", "1a")]
    [InlineData("11", "11", "11")]
    public void Every_interleaving_publishes_what_was_written_and_loses_nothing(params string[] programs)
    {
        var protocol = new ConcurrentProtocol(Mistake.None, 6, 0, 6, programs);
        Assert.Null(protocol.Explore());
        Assert.True(protocol.States > 200, $"{protocol.States} states");
        Assert.True(protocol.Seen.Complete > 0 && protocol.Seen.Lagging > 0, $"{protocol.Seen}");
    }

    [Theory]
    [InlineData(0, 0, "B", "D")]
    [InlineData(0, 0, "DB", "1C", "1")]
    [InlineData(1, 0, "11", "1B")]
    [InlineData(1, 0, "11", "2", "B")]
    [InlineData(2, 1, "11", "11", "1")]
    [InlineData(2, 1, "11", "C1", "1c")]
    public void Every_interleaving_of_growing_leaves_the_capacity_that_was_asked_for(int covered, int slack, params string[] programs)
    {
        var protocol = new ConcurrentProtocol(Mistake.None, covered, slack, 6, programs);
        Assert.Null(protocol.Explore());
        Assert.True(protocol.Seen.Complete > 0, $"{protocol.Seen}");
    }

    /// <summary>The system has no memory for what was overtaken; later perhaps it has.</summary>
    [Theory]
    [InlineData(1, 0, "1", "1")]
    [InlineData(1, 0, "1b", "1", "+C")]
    [InlineData(1, 0, "1", "1", "+2")]
    [InlineData(2, 1, "1", "1", "1+D")]
    public void Every_interleaving_of_refused_growth_publishes_the_abandoned_once_there_is_memory(int covered, int slack, params string[] programs)
    {
        var protocol = new ConcurrentProtocol(Mistake.None, covered, slack, covered, programs);
        Assert.Null(protocol.Explore());
        Assert.True(protocol.Seen.Overtaken > 0 && protocol.Seen.Abandoned > 0, $"{protocol.Seen}");
    }

    [Theory]
    [InlineData(6, 6, "1", "1", "!")]
    [InlineData(6, 6, "11", "2", "!")]
    [InlineData(6, 6, "1", "1!", "!")]
    [InlineData(1, 6, "1", "1", "!")]
    [InlineData(1, 6, "1", "1C", "!")]
    [InlineData(1, 1, "1", "1", "!")]
    [InlineData(1, 1, "1", "1+C", "!")]
    [InlineData(0, 6, "2", "D", "!")]
    public void Every_interleaving_of_the_end_settles_all_claims_and_touches_nothing_afterwards(int covered, int memory, params string[] programs)
    {
        var protocol = new ConcurrentProtocol(Mistake.None, covered, 0, memory, programs);
        Assert.Null(protocol.Explore());
        Assert.True(protocol.Seen.Complete > 0, $"{protocol.Seen}");
        Assert.Equal(covered == 1, protocol.Seen.Overtaken > 0);
    }

    [Theory]
    [InlineData(Mistake.MovesTheFrontierOverUnsetBits, "frontier", 6, 6, "11", "12", "bc")]
    [InlineData(Mistake.MovesTheFrontierWithoutComparing, "decreased", 6, 6, "11", "12", "bc")]
    [InlineData(Mistake.PublishesBeforeWriting, "not written", 6, 6, "11", "12", "bc")]
    [InlineData(Mistake.PublishesOutOfOrderByFrontier, "frontier", 6, 6, "11", "12", "bc")]
    [InlineData(Mistake.ForgetsTheBit, "invisible", 6, 6, "11", "12", "bc")]
    [InlineData(Mistake.ReaderForgetsTheBits, "missed", 6, 6, "11", "12", "bc")]
    [InlineData(Mistake.TellsBeforeCommitting, "without memory", 0, 6, "D", "1", "1")]
    [InlineData(Mistake.LeavesGrowingToTheFirst, "short", 0, 6, "B", "D")]
    [InlineData(Mistake.WritesWhereItWasOvertaken, "without memory", 1, 6, "1", "1")]
    [InlineData(Mistake.ForgetsTheAbandoned, "for ever", 1, 1, "1", "1", "+C!")]
    [InlineData(Mistake.ReadsBitsAfterItsOwn, "Bits were touched", 6, 6, "1", "1", "!")]
    [InlineData(Mistake.EndForgetsTheBits, "after the end", 6, 6, "1", "1", "!")]
    [InlineData(Mistake.GrowsAfterTheEnd, "committed after the end", 0, 6, "2", "D", "!")]
    [InlineData(Mistake.GrowsAfterTheEnd, "committed after the end", 1, 6, "1", "1", "!")]
    public void A_mistake_in_the_protocol_is_found(Mistake mistake, string message, int covered, int memory, params string[] programs) =>
        Assert.Contains(message, new ConcurrentProtocol(mistake, covered, 0, memory, programs).Explore());
}
