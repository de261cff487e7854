"""The one error of the embedded services: a sentence that says what to do."""


class EmbeddedServiceError(RuntimeError):
    """A private server cannot be started or reached; the message is for the person typing."""
