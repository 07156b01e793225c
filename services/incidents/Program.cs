using Itsm.Incidents;
using Itsm.Platform.Hosting;

await ServiceHost.RunAsync(args, new IncidentsService());
