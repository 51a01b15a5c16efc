namespace MemoryPages.Tool.Model;

/// <summary>A line of C# that a step runs, and what it asks of the kernel.</summary>
/// <param name="Text">The line, indented as in its block.</param>
/// <param name="Asks">
/// The calls as people read them: apart by <c>;</c>, what comes after <c>…</c> at the end of the block, and after <c>—</c> a remark. Empty for none.
/// </param>
internal sealed record CodeLine(string Text, string Asks)
{
    public IEnumerable<string> NativeCalls =>
        Asks.Split('—')[0].Split([';', '…'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
