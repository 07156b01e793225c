using Itsm.Testing;

[assembly: AssemblyFixture(typeof(RunningSuite))]
