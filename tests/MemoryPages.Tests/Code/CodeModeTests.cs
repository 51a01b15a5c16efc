using MemoryPages.Platform;
using MemoryPages.Tests.Simulation;

namespace MemoryPages.Tests.Code;

[OnEverySystem]
public sealed class CodeModeTests
{
    [Fact]
    public void Without_a_wish_the_system_says_how_code_is_written()
    {
        using var heap = new CodeHeap(new() { Reserve = 1 << 20 });
        Assert.Equal(MemorySystem.Current.PrefersDualMappedCode ? CodeMode.DualMapped : CodeMode.Flipped, heap.Mode);
    }
}
