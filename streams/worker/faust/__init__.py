"""What mends Faust and aiokafka, and nothing else; README.md here has the numbered rules.

headers.py     a header's name that is no text stops nobody
consumer.py    Faust's consumer, which continues where the host says
app.py         the Faust App, with its sharp edges covered
process.py     its process, which ends within seconds of being told to
table.py       a Faust Table on RocksDB, always a prefix of its changelog
changelog.py   reading that changelog to its end
credentials.py librdkafka's security settings, told to Faust     oauth.py   tokens for them
"""
