namespace MemoryPages.Tests.Virtual;

/// <summary>Every interleaving of a few appends and reads. What the model says of memory order is sequential; see the list for release and acquire.</summary>
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
        var protocol = new ConcurrentProtocol(Mistake.None, programs);
        Assert.Null(protocol.Explore());
        Assert.True(protocol.States > 200, $"{protocol.States} states");
        Assert.True(protocol.Ends.Complete > 0 && protocol.Ends.Lagging > 0, $"{protocol.Ends}");
    }

    [Theory]
    [InlineData(Mistake.HelperPassesUnsetBits, "frontier")]
    [InlineData(Mistake.HelperStoresWithoutComparing, "decreased")]
    [InlineData(Mistake.PublishesBeforeWriting, "not written")]
    [InlineData(Mistake.PublishesOutOfOrderByFrontier, "frontier")]
    [InlineData(Mistake.ForgetsTheBit, "invisible")]
    [InlineData(Mistake.ReaderForgetsTheBits, "missed")]
    public void A_mistake_in_the_protocol_is_found(Mistake mistake, string message) =>
        Assert.Contains(message, new ConcurrentProtocol(mistake, "11", "12", "bc").Explore());
}
