public import Lyceum

extension DeliveryBooks.Refusal: PublicError {
    /// 404 for what is not there, otherwise 409 with the sentence as its detail.
    public var problem: Problem { isUnknown ? .notFound : .notPossible(description) }
}

extension JobBookError: PublicError {
    /// 404 for what is not there, otherwise 409 with the sentence as its detail.
    public var problem: Problem { isUnknown ? .notFound : .notPossible(description) }
}

extension Problem {
    /// 409: something has become different in the meantime, or was never so.
    static func notPossible(_ sentence: String) -> Problem {
        Problem(status: 409, code: "not_possible", title: "This cannot be done, or not any more.", detail: sentence)
    }
}
