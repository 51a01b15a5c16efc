using MemoryPages.Ownership;

namespace MemoryPages.Unsafe;

/// <summary>Taking memory of an arena back whose blocks were not freed.</summary>
public static class ArenaDangerous
{
    extension(ArenaAllocator arena)
    {
        /// <summary>As <see cref="ArenaAllocator.Reset"/>, whether or not the blocks were freed: the way to free a million of them at once.</summary>
        /// <param name="keep">As there.</param>
        /// <exception cref="InvalidOperationException">A scope is open. Nothing has changed.</exception>
        /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
        /// <exception cref="MemoryPagesException">The system refused to decommit. Nothing has changed.</exception>
        /// <safety>Nothing uses a block of the arena from here on, or frees one: no pointer, no box, no list.</safety>
        [Dangerous, Invalidates]
        public void DangerousReset(nuint keep = 0) => arena.Empty(nameof(DangerousReset), keep);

        /// <summary>As <see cref="ArenaAllocator.Mark"/>, but the scope's end takes its memory back whether or not the blocks were freed.</summary>
        /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
        /// <safety>Nothing uses a block that was allocated within the scope after its end, or frees one.</safety>
        [Dangerous]
        public ArenaScope DangerousMark() => arena.EnterScope(dropsBlocks: true);
    }
}
