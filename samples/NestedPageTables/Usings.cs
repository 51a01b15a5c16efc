// Locked memory that counts its blocks, and can be made to refuse one.
global using Locked = MemoryPages.CountingAllocator<MemoryPages.FailingAllocator<MemoryPages.LockedAllocator>>;
