"""Does tailored data train better? One base network, one raw set, several annotators, equal volumes."""
