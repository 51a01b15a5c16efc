using System.Runtime.CompilerServices;

// Every native signature in Platform/ is blittable: nothing is marshalled, so nothing is added to a call.
[assembly: DisableRuntimeMarshalling]
