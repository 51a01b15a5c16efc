global using MemoryPages.Testing;
global using MemoryPages.Tests.Support;
global using Xunit;
