// Tests look at the process as a whole (its mappings, locked bytes, faults): one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: WriteXorExecute]
