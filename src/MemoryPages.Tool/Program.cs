return MemoryPages.Tool.CommandLine.Run(args);
