using Microsoft.Extensions.Options;
using Rcc.Core.Access;

namespace Rcc.Core.Tests.Access;

public class RequestRateTests
{
    [Fact]
    public void A_person_has_one_bucket_over_all_devices_and_nobody_elses()
    {
        // One request a second: within the test nothing is filled up again that could change the outcome.
        using var rates = new RequestRates(Options.Create(new AccessOptions { RequestBurst = 2, RequestsPerSecond = 1, ApplicationRequestBurst = 1, ApplicationRequestsPerSecond = 1 }));
        var person = Callers.Agent();
        Assert.True(rates.TryTake(person));
        Assert.True(rates.TryTake(person with { DeviceId = Guid.CreateVersion7() }));
        Assert.False(rates.TryTake(person));

        Assert.True(rates.TryTake(Callers.Agent()));
        Assert.True(rates.TryTake(person with { Tenant = new TenantId(Guid.CreateVersion7()) }));
        var application = Callers.Application();
        Assert.True(rates.TryTake(application));
        Assert.False(rates.TryTake(application));
    }
}
