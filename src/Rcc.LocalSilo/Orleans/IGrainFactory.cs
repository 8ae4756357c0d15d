namespace Orleans;

/// <summary>Makes references to grains and to observers. Cheap and safe to use from any thread.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to a grain; the grain itself comes into being with the first call.</summary>
    /// <param name="primaryKey">The grain's key, neither null nor blank.</param>
    /// <param name="grainClassNamePrefix">Chooses among several classes that implement the interface, by the start of the full class name.</param>
    /// <exception cref="ArgumentException">No class implements the interface, or several do and the prefix does not choose one.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference that grains can call back. The engine holds the object weakly: its owner must keep it.</summary>
    /// <param name="obj">The object itself, not a reference.</param>
    /// <exception cref="InvalidOperationException">Called inside a grain.</exception>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Ends a reference; calls through it fail from now on.</summary>
    /// <param name="obj">What <see cref="CreateObjectReference"/> returned.</param>
    /// <exception cref="ArgumentException">Not a living reference of this silo.</exception>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;
}

/// <summary>The door to the grains for code outside them.</summary>
public interface IClusterClient : IGrainFactory;
