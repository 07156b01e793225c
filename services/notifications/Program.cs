using Itsm.Notifications;
using Itsm.Platform.Hosting;

return await ServiceHost.RunAsync(args, new NotificationsService());
