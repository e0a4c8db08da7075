"""CKA written down as its papers do, with explicit n x n matrices, exactly or nearly so."""

import numpy as np


def gram(x):
    """Return the linear kernel's matrix, uncentred: whole numbers exactly, others extended."""
    whole = np.array_equal(x, np.rint(x))
    x = x.astype(np.int64).astype(object) if whole else x.astype(np.longdouble)
    return x @ x.T


def biased_hsic(K, L):
    """Return tr(KHLH), H = C / n the centring matrix (Gretton et al. 2005)."""
    n = len(K)
    C = n * np.eye(n, dtype=int) - 1
    return np.trace(K @ C @ L @ C) / n**2


def unbiased_hsic(K, L):
    """Return equation 5 of Song et al. (2012), over one denominator."""
    n = len(K)
    K, L = K.copy(), L.copy()
    np.fill_diagonal(K, 0)
    np.fill_diagonal(L, 0)
    total = (n - 1) * (n - 2) * np.sum(K * L) + K.sum() * L.sum() - 2 * (n - 1) * np.sum(K @ L)
    return total / (n * (n - 1) * (n - 2) * (n - 3))


HSIC = {"biased": biased_hsic, "debiased": unbiased_hsic}


def cka_by_definition(x, y, estimator):
    """Return one cell."""
    K, L, hsic = gram(x), gram(y), HSIC[estimator]
    return float(hsic(K, L) / np.sqrt(float(hsic(K, K) * hsic(L, L))))


def permuted_scores(x, y, permutations, estimator):
    """Return the score of x with y's rows in each of the orders given."""
    K, L, hsic = gram(x), gram(y), HSIC[estimator]
    scale = np.sqrt(hsic(K, K) * hsic(L, L))
    orders = (np.asarray(order) for order in permutations)
    return np.array([hsic(K, L[np.ix_(order, order)]) / scale for order in orders], dtype=float)
