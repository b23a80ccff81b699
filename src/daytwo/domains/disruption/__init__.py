"""Can nodes be drained without hurting anyone, and at all?"""
